import { afterAll, beforeAll, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { type Answer, callersOf } from './fixtures/callers.ts'

let mayfly: TestMayfly
let call: (method: string, path: string, body?: unknown) => Promise<Answer>
let acme: typeof call
let globex: typeof call
const start = { config: { kinds: [children('common')] } }

beforeAll(async () => {
  mayfly = await startMayfly(start)
  const callers = callersOf(mayfly)
  const as = (token: string) => (method: string, path: string, body?: unknown) =>
    callersOf(mayfly).call(token, method, path, body)
  for (const name of ['acme', 'globex']) await callers.tenant(name)
  call = as(callers.admin)
  acme = as((await callers.token({ tenant: 'acme' })).token)
  globex = as((await callers.token({ tenant: 'globex' })).token)
})
afterAll(() => mayfly.remove())

const succeed = { kind: 'succeed', input: {} }
const submit = async (as: typeof call, own = {}) => (await as('POST', '/v1/tasks', { ...succeed, ...own })).body.id
const stateOf = async (as: typeof call, id: string) => (await as('GET', `/v1/tasks/${id}`)).body.state
const ended = (as: typeof call, id: string) => expect.poll(() => stateOf(as, id)).toBe('succeeded')

it('keep back what matches, let the rest go on, and hold over a start', async () => {
  const paused = await acme('POST', '/v1/pauses', { kind: 'succeed', key: 'org-a', reason: 'a freeze' })
  expect(paused).toMatchObject({ status: 201, body: { tenant: 'acme', pool: null, reason: 'a freeze' } })
  const concurrency = { key: 'org-a' }
  const kept = await submit(acme, { concurrency })
  await ended(acme, await submit(acme))
  await ended(globex, await submit(globex, { concurrency }))
  await mayfly.stop()
  mayfly = await startMayfly({ ...start, data: mayfly.data })
  await ended(acme, await submit(acme))
  expect(await stateOf(acme, kept)).toBe('queued')
  const { pools } = (await acme('GET', '/v1/pools')).body
  expect(pools).toContainEqual(expect.objectContaining({ queued: 1, busy: 0, oldestWaitSeconds: expect.any(Number) }))
  expect((await acme('DELETE', `/v1/pauses/${paused.body.id}`)).status).toBe(204)
  await ended(acme, kept)
})

it('of a tenant concern only its own tasks, and are nobody else’s to see or end', async () => {
  const { body: pause } = await acme('POST', '/v1/pauses', {})
  expect((await acme('POST', '/v1/pauses', { tenant: 'globex' })).status).toBe(403)
  await ended(globex, await submit(globex))
  expect((await globex('GET', '/v1/pauses')).body.items).toEqual([])
  const unknown = await globex('DELETE', '/v1/pauses/01890a5d-ac96-774b-bcce-b302099a8057')
  const foreign = await globex('DELETE', `/v1/pauses/${pause.id}`)
  expect([foreign.status, foreign.body]).toEqual([404, unknown.body])
  expect((await call('GET', '/v1/pauses')).body.items).toEqual([pause])
  expect((await call('DELETE', `/v1/pauses/${pause.id}`)).status).toBe(204)
  const { items } = (await call('GET', '/v1/audit?tenant=acme&limit=2')).body
  expect(items).toMatchObject([
    { action: 'pause.deleted', actor: 'admin', subject: pause.id },
    { action: 'pause.created', subject: pause.id },
  ])
})

it('of an admin hold for all, who see why, and are the admin’s to end', async () => {
  const { body: pause } = await call('POST', '/v1/pauses', { pool: 'batch', reason: 'maintenance' })
  expect((await acme('GET', '/v1/pauses')).body.items).toEqual([pause])
  expect((await acme('DELETE', `/v1/pauses/${pause.id}`)).status).toBe(403)
  const kept = await submit(globex, { pool: 'batch' })
  await ended(globex, await submit(globex))
  expect(await stateOf(globex, kept)).toBe('queued')
  const waits = { tenant: 'globex', queued: 1, busy: 0 }
  expect((await call('GET', '/v1/stats')).body.tenants).toMatchObject([waits])
  expect((await acme('GET', '/v1/stats')).body.tenants).toEqual([])
  await call('DELETE', `/v1/pauses/${pause.id}`)
  await ended(globex, kept)
})

it('leave what they keep back to be cancelled', async () => {
  const { body: pause } = await acme('POST', '/v1/pauses', {})
  const kept = await submit(acme)
  expect((await acme('POST', `/v1/tasks/${kept}/cancel`)).body.state).toBe('cancelled')
  await acme('DELETE', `/v1/pauses/${pause.id}`)
})

it.each([{ kind: '__proto__' }, { key: 'x'.repeat(10_000) }, { pool: 'all' }, { tenant: '../x' }, { more: 1 }, []])(
  'are not made of %j',
  async (request) => {
    expect((await call('POST', '/v1/pauses', request)).status).toBe(400)
  },
)

it('come in a bounded number', async () => {
  const made = await Promise.all(Array.from({ length: 30 }, () => globex('POST', '/v1/pauses', { key: 'k' })))
  const statuses: number[] = []
  for (let left = 80; left > 0; left--) statuses.push((await globex('POST', '/v1/pauses', { key: 'k' })).status)
  expect(made.every(({ status }) => status === 201) && statuses.filter((status) => status === 201).length === 70).toBe(
    true,
  )
  expect(statuses.at(-1)).toBe(409)
})
