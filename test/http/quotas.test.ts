/** What a tenant may not submit any more is refused the same by every way, with the time after which to come again. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { callersOf } from './fixtures/callers.ts'
import { openStream } from './fixtures/client.ts'

let mayfly: TestMayfly
let callers: ReturnType<typeof callersOf>

beforeAll(async () => {
  mayfly = await startMayfly({ config: { kinds: ['common', 'families', 'parents'].map(children) } })
  callers = callersOf(mayfly)
})
afterAll(() => mayfly.remove())

const later = { kind: 'succeed', input: {}, notBefore: '2100-01-01T00:00:00Z' }

/** What came of a submission: the same of every way. */
interface Outcome {
  /** Of the task, where there is one. */
  readonly id?: string
  readonly code?: string
  readonly retryAfterSeconds?: number
}

type Way = (token: string, idempotencyKey?: string) => Promise<Outcome>

async function single(token: string, key?: string): Promise<Outcome> {
  const headers = key === undefined ? {} : { 'idempotency-key': key }
  const { status, headers: said, body } = await callers.call(token, 'POST', '/v1/tasks', later, headers)
  if (status < 400) return { id: body.id }
  expect([status, said.get('retry-after')]).toEqual([429, String(body.retryAfterSeconds)])
  return { code: body.code, retryAfterSeconds: body.retryAfterSeconds }
}

async function batch(token: string, idempotencyKey?: string): Promise<Outcome> {
  const tasks = [{ ...later, idempotencyKey }]
  const [item] = (await callers.call(token, 'POST', '/v1/tasks/batch', { tasks })).body.items
  if (item.task) return { id: item.task.id }
  expect([item.status, item.problem.status]).toEqual([429, 429])
  return { code: item.problem.code, retryAfterSeconds: item.problem.retryAfterSeconds }
}

async function stream(token: string, idempotencyKey?: string): Promise<Outcome> {
  const client = await openStream(mayfly.url, token)
  client.send({ type: 'submit', ref: 'r', task: later, idempotencyKey })
  const answer = await Promise.race([client.get('accepted'), client.get('error')])
  client.socket.close()
  if (answer.type === 'accepted') return { id: answer.task.id }
  return { code: answer.code, ...(answer.retryAfterSeconds && { retryAfterSeconds: answer.retryAfterSeconds }) }
}

const ways: readonly (readonly [name: string, way: Way])[] = [
  ['alone', single],
  ['in a batch', batch],
  ['over a stream', stream],
]

let tenants = 0
async function tokenOf(quotas: object): Promise<string> {
  const tenant = `tenant-${++tenants}`
  await callers.tenant(tenant, quotas)
  return (await callers.token({ tenant })).token
}

const fills = Array.from({ length: 3 })

describe.each(ways)('a task that comes %s', (_name, submit) => {
  it('is refused when too many wait already, and told when to come again', async () => {
    const token = await tokenOf({ queued: 3 })
    for (const _ of fills) expect(await submit(token)).toEqual({ id: expect.any(String) })
    expect(await submit(token)).toEqual({ code: 'QUEUE_FULL', retryAfterSeconds: 5 })
  })

  it('is refused when too many came this minute, and told when to come again', async () => {
    const token = await tokenOf({ submitsPerMinute: 3 })
    for (const _ of fills) expect(await submit(token)).toEqual({ id: expect.any(String) })
    const { code, retryAfterSeconds } = await submit(token)
    expect(code).toBe('RATE_LIMITED')
    expect(retryAfterSeconds).toBeGreaterThan(1)
    expect(retryAfterSeconds).toBeLessThanOrEqual(20)
  })

  it.each([{ queued: 1 }, { submitsPerMinute: 1 }])(
    'finds its task again by its key although no other would be let in: %j',
    async (quotas) => {
      const token = await tokenOf(quotas)
      const first = await submit(token, 'lost-answer')
      for (const [name, way] of ways) expect(await way(token, 'lost-answer'), name).toEqual(first)
      expect(await submit(token, 'another')).toMatchObject({ retryAfterSeconds: expect.any(Number) })
      expect((await callers.call(token, 'GET', '/v1/tasks')).body.items).toHaveLength(1)
    },
  )
})

it('another request with a key that is taken conflicts, also where no task would be let in', async () => {
  const token = await tokenOf({ queued: 1 })
  await single(token, 'taken')
  const headers = { 'idempotency-key': 'taken' }
  const other = await callers.call(token, 'POST', '/v1/tasks', { ...later, priority: 1 }, headers)
  expect(other).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
})

describe('a child', () => {
  it.each([
    // The parent itself came this minute, too.
    [{ submitsPerMinute: 2 }, 'RATE_LIMITED'],
    [{ queued: 1 }, 'QUEUE_FULL'],
  ])('beyond %j is refused with %s, and its parent told when to ask again', async (quotas, code) => {
    const token = await tokenOf(quotas)
    const asked = [
      ['a', later],
      ['b', later],
    ]
    const { body } = await callers.call(token, 'POST', '/v1/tasks', { kind: 'asks', input: asked })
    const { result } = await settled(token, body.id)
    expect(result).toEqual([
      expect.any(String),
      expect.objectContaining({ code, retryable: true, retryAfterSeconds: expect.any(Number) }),
    ])
  })

  it('that is refused for now fails no parent for ever: its next attempt has both', async () => {
    const token = await tokenOf({ queued: 1 })
    const tenant = `tenant-${tenants}`
    const request = {
      kind: 'parent',
      input: { children: { a: later, b: later } },
      retry: { maxAttempts: 100, backoffSeconds: 1, maxBackoffSeconds: 1 },
    }
    const { body } = await callers.call(token, 'POST', '/v1/tasks', request)
    const retrying = async () => {
      const { items } = (await callers.call(token, 'GET', `/v1/tasks/${body.id}/events`)).body
      return items.find(({ type }: { type: string }) => type === 'task.retrying')
    }
    await expect.poll(retrying).toMatchObject({ data: { error: { code: 'QUEUE_FULL' } } })
    await callers.call(callers.admin, 'PATCH', `/v1/tenants/${tenant}`, { quotas: { queued: 5 } })
    const { state, result } = await settled(token, body.id)
    expect([state, new Set(result.ids).size]).toEqual(['succeeded', 2])
    expect((await callers.call(token, 'GET', '/v1/tasks')).body.items).toHaveLength(3)
  })
})

/** The task once it has ended. */
async function settled(token: string, id: string) {
  const get = async () => (await callers.call(token, 'GET', `/v1/tasks/${id}`)).body
  await expect.poll(async () => (await get()).settledAt).not.toBeNull()
  return get()
}
