import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noQuotas as quotasOfNone } from '../../src/journal/tenants.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { callersOf } from './fixtures/callers.ts'
import { openStream } from './fixtures/client.ts'

let mayfly: TestMayfly
let callers: ReturnType<typeof callersOf>
const start = { config: { kinds: [children('common')] } }

beforeAll(async () => {
  mayfly = await startMayfly(start)
  callers = callersOf(mayfly)
  await callers.tenant('acme')
  await callers.tenant('globex')
})
afterAll(() => mayfly.remove())

const admin = (method: string, path: string, body?: unknown) => callers.call(callers.admin, method, path, body)
const audited = async (subject: string) => {
  const { body } = await admin('GET', '/v1/audit?limit=100')
  return body.items
    .filter((entry: { subject: string }) => entry.subject === subject)
    .map(({ action }: { action: string }) => action)
}
const later = { notBefore: '2100-01-01T00:00:00Z' }
const wait = { kind: 'wait', input: {}, ...later }

describe('tenants', () => {
  it('are created, listed, changed and deleted by an admin, and every change is noted', async () => {
    const created = await admin('POST', '/v1/tenants', { name: 'short-lived', quotas: { running: 2 } })
    expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/tenants/short-lived'])
    expect(created.body).toMatchObject({ name: 'short-lived', quotas: { ...quotasOfNone, running: 2 } })
    const changed = await admin('PATCH', '/v1/tenants/short-lived', { quotas: { running: null, queued: 5 } })
    expect(changed.body.quotas).toEqual({ ...quotasOfNone, queued: 5 })
    expect((await admin('GET', '/v1/tenants/short-lived')).body).toEqual(changed.body)
    expect((await admin('DELETE', '/v1/tenants/short-lived')).status).toBe(204)
    expect((await admin('GET', '/v1/tenants/short-lived')).status).toBe(404)
    expect((await admin('DELETE', '/v1/tenants/short-lived')).status).toBe(404)
    expect((await admin('PATCH', '/v1/tenants/short-lived', { quotas: {} })).status).toBe(404)
    expect(await audited('short-lived')).toEqual(['tenant.deleted', 'tenant.changed', 'tenant.created'])
  })

  it('are listed page by page, by name', async () => {
    const first = (await admin('GET', '/v1/tenants?limit=1')).body
    expect(first).toMatchObject({ items: [{ name: 'acme' }], nextCursor: 'acme' })
    const { items, nextCursor } = (await admin('GET', '/v1/tenants?cursor=acme')).body
    expect([items.map(({ name }: { name: string }) => name), nextCursor]).toEqual([['default', 'globex'], null])
  })

  it('keep their name to themselves, also when they are gone', async () => {
    await callers.tenant('gone')
    expect((await admin('POST', '/v1/tenants', { name: 'gone' })).status).toBe(409)
    await admin('DELETE', '/v1/tenants/gone')
    expect((await admin('POST', '/v1/tenants', { name: 'gone' })).body.detail).toContain('choose another')
  })

  it('are not deleted while they have unfinished tasks, and never the one of the admin', async () => {
    await callers.tenant('busy')
    const { token } = await callers.token({ tenant: 'busy' })
    const { body: task } = await callers.call(token, 'POST', '/v1/tasks', wait)
    expect(await admin('DELETE', '/v1/tenants/busy')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect((await callers.call(token, 'POST', `/v1/tasks/${task.id}/cancel`)).status).toBe(202)
    expect((await admin('DELETE', '/v1/tenants/busy')).status).toBe(204)
    expect((await callers.call(token, 'GET', '/v1/tasks')).status).toBe(401)
    expect((await admin('DELETE', '/v1/tenants/default')).status).toBe(409)
  })

  it('must exist for whoever acts for them', async () => {
    const answer = await callers.call(callers.admin, 'GET', '/v1/tasks', undefined, { 'mayfly-tenant': 'nobody' })
    expect(answer).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('there is no tenant nobody') },
    })
    expect((await admin('POST', '/v1/tokens', { tenant: 'nobody' })).status).toBe(404)
  })

  it.each(['', 'A', '__proto__', 'constructor ', 'a b', '../x', 'ä', '\u202e', 'x'.repeat(10_000), 5, null, {}])(
    'are not called %j',
    async (name) => {
      expect((await admin('POST', '/v1/tenants', { name })).status).toBe(400)
      const path = `/v1/tenants/${encodeURIComponent(String(name) || '_')}`
      for (const method of ['GET', 'DELETE']) expect((await admin(method, path)).status).toBe(404)
    },
  )

  it('that are named like members of every object are ordinary', async () => {
    await callers.tenant('constructor')
    expect((await admin('GET', '/v1/tenants/constructor')).body.name).toBe('constructor')
    expect((await admin('GET', '/v1/tenants/tostring')).status).toBe(404)
  })
})

describe('tokens', () => {
  it('are shown once, and nowhere kept', async () => {
    const { token, ...shown } = await callers.token({ tenant: 'acme', name: 'ci', pools: ['batch'], kinds: ['wait'] })
    expect(token).toMatch(/^mayfly_[0-9a-f]{32}_[\w-]{43}$/)
    expect(shown).toMatchObject({ tenant: 'acme', role: 'tenant', pools: ['batch'], kinds: ['wait'], paths: false })
    const { body } = await admin('GET', '/v1/tokens?limit=1000')
    expect(body.items).toContainEqual(shown)
    expect(JSON.stringify(body)).not.toContain(token)
    const secret = token.slice(-43)
    const stored = await Promise.all(['journal.db', 'journal.db-wal'].map((file) => readFile(join(mayfly.data, file))))
    expect(stored.map((bytes) => bytes.includes(secret))).toEqual([false, false])
    // What is there in its place leads to no token: 256 random bits were put into it.
    expect(stored.some((bytes) => bytes.includes(createHash('sha256').update(token).digest('hex')))).toBe(true)
    expect(await audited(shown.id)).toEqual(['token.created'])
  })

  it('are their tenant’s, wherever they go', async () => {
    const { token } = await callers.token({ tenant: 'acme' })
    expect((await callers.call(token, 'POST', '/v1/tasks', wait)).body).toMatchObject({ tenant: 'acme' })
    const acting = await callers.call(token, 'GET', '/v1/tasks', undefined, { 'mayfly-tenant': 'globex' })
    expect(acting.status).toBe(403)
  })

  it('are confined to their pools and kinds, also in a batch', async () => {
    const { token } = await callers.token({ tenant: 'acme', pools: ['batch'], kinds: ['wait'] })
    const submit = async (own: object) => (await callers.call(token, 'POST', '/v1/tasks', { ...wait, ...own })).status
    expect([
      await submit({}),
      await submit({ pool: 'batch' }),
      await submit({ kind: 'succeed', pool: 'batch' }),
    ]).toEqual([403, 202, 403])
    const tasks = [wait, { ...wait, pool: 'batch' }]
    const { body } = await callers.call(token, 'POST', '/v1/tasks/batch', { tasks })
    expect(body.items).toMatchObject([{ status: 403, problem: { code: 'FORBIDDEN' } }, { status: 202 }])
  })

  it('are confined over streams and for a task that is to run again, too', async () => {
    const { token: free } = await callers.token({ tenant: 'acme' })
    const { token } = await callers.token({ tenant: 'acme', pools: ['batch'], kinds: ['wait'] })
    const stream = await openStream(mayfly.url, token)
    for (const task of [wait, { ...wait, kind: 'succeed', pool: 'batch' }]) {
      stream.send({ type: 'submit', ref: task.kind, task })
      expect(await stream.get('error', ({ ref }) => ref === task.kind)).toMatchObject({ code: 'FORBIDDEN' })
    }
    stream.send({ type: 'submit', ref: 'batch', task: { ...wait, pool: 'batch' } })
    await stream.get('accepted')
    const { body: task } = await callers.call(free, 'POST', '/v1/tasks', wait)
    await callers.call(free, 'POST', `/v1/tasks/${task.id}/cancel`)
    const again = (which: string) => callers.call(which, 'POST', `/v1/tasks/${task.id}/retry`)
    expect([(await again(token)).status, (await again(free)).status]).toEqual([403, 202])
    stream.socket.close()
  })

  it('may be an admin’s, who is not confined', async () => {
    const { token } = await callers.token({ role: 'admin' })
    expect((await callers.call(token, 'GET', '/v1/tokens')).status).toBe(200)
    expect((await admin('POST', '/v1/tokens', { role: 'admin', kinds: ['lint'] })).status).toBe(400)
  })

  it('remember roughly when they were used, without a write for each request', async () => {
    const { id, token } = await callers.token({ tenant: 'acme' })
    const lastUsed = async () => {
      const { items } = (await admin('GET', '/v1/tokens?tenant=acme&limit=1000')).body
      return items.find((one: { id: string }) => one.id === id).lastUsedAt
    }
    expect(await lastUsed()).toBeNull()
    await callers.call(token, 'GET', '/v1/tasks')
    const at = await lastUsed()
    await callers.call(token, 'GET', '/v1/tasks')
    expect([Math.abs(Date.now() - Date.parse(at)) < 60_000, await lastUsed()]).toEqual([true, at])
  })

  it.each([
    { name: 'x'.repeat(10_000) },
    { name: '\u0000' },
    { tenant: '__proto__' },
    { role: 'root' },
    { pools: [] },
    { pools: ['all'] },
    { kinds: ['../x'] },
    { expiresInSeconds: 0 },
    { expiresInSeconds: 1e300 },
    { more: 1 },
  ])('are not made from %j', async (request) => {
    expect((await admin('POST', '/v1/tokens', request)).status).toBe(400)
  })

  it('that are unknown cannot be revoked', async () => {
    for (const id of ['admin', '__proto__', 'x'.repeat(10_000), '%00', 'ä', '0'.repeat(32)]) {
      expect((await admin('DELETE', `/v1/tokens/${id}`)).status, id).toBe(404)
    }
  })

  it('close their streams and end their long polls at once when they are revoked', async () => {
    const { id, token } = await callers.token({ tenant: 'acme' })
    const other = await callers.token({ tenant: 'acme' })
    const { body: task } = await callers.call(token, 'POST', '/v1/tasks', wait)
    const [stream, spared] = await Promise.all([openStream(mayfly.url, token), openStream(mayfly.url, other.token)])
    stream.send({ type: 'subscribe', ref: 's', task: task.id })
    await stream.get('live')
    const poll = callers.call(token, 'GET', `/v1/tasks/${task.id}/events?after=1&wait=50`)
    spared.send({ type: 'ping', ref: 'p' })
    await spared.get('pong')
    const revokedAt = Date.now()
    expect((await admin('DELETE', `/v1/tokens/${id}`)).status).toBe(204)
    expect(await stream.get('bye')).toMatchObject({ code: 4401, cursors: { [task.id]: 1 } })
    expect([await stream.closed, (await poll).status]).toEqual([4401, 401])
    expect(Date.now() - revokedAt).toBeLessThan(30_000)
    expect((await callers.call(token, 'GET', '/v1/tasks')).status).toBe(401)
    expect(spared.socket.readyState).toBe(spared.socket.OPEN)
    expect(await audited(id)).toEqual(['token.revoked', 'token.created'])
    spared.socket.close()
  })

  it('close their streams also when they expire, and are refused with that reason', async () => {
    const { token } = await callers.token({ tenant: 'acme', expiresInSeconds: 3 })
    const stream = await openStream(mayfly.url, token)
    expect(await stream.closed).toBe(4401)
    const { status, body } = await callers.call(token, 'GET', '/v1/tasks')
    expect([status, body.detail]).toEqual([401, 'this token has expired: use another one'])
  })
})

describe('quotas', () => {
  it('bound what waits, over REST, batches and streams together, however many come at once', async () => {
    await callers.tenant('small', { queued: 5 })
    const { token } = await callers.token({ tenant: 'small' })
    const stream = await openStream(mayfly.url, token)
    const refs = Array.from({ length: 10 }, (_, index) => `r${index}`)
    for (const ref of refs) stream.send({ type: 'submit', ref, task: wait })
    const answers = await Promise.all([
      callers.call(token, 'POST', '/v1/tasks/batch', { tasks: Array.from({ length: 10 }, () => wait) }),
      ...Array.from({ length: 20 }, () => callers.call(token, 'POST', '/v1/tasks', wait)),
    ])
    await Promise.all(
      refs.map((ref) =>
        Promise.race([stream.get('accepted', (m) => m.ref === ref), stream.get('error', (m) => m.ref === ref)]),
      ),
    )
    expect((await callers.call(token, 'GET', '/v1/tasks?limit=100')).body.items).toHaveLength(5)
    const refused = answers.find(({ status }) => status === 429)
    expect(refused).toMatchObject({ body: { code: 'QUEUE_FULL', retryAfterSeconds: 5 } })
    expect(refused?.headers.get('retry-after')).toBe('5')
    stream.socket.close()
  })

  it('bound how fast tasks come, and say when to come again', async () => {
    await callers.tenant('slow', { submitsPerMinute: 3 })
    const { token } = await callers.token({ tenant: 'slow' })
    const { body } = await callers.call(token, 'POST', '/v1/tasks/batch', { tasks: [wait, wait, wait, wait] })
    expect(body.items.map(({ status }: { status: number }) => status)).toEqual([202, 202, 202, 429])
    const refused = await callers.call(token, 'POST', '/v1/tasks', wait)
    expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15)
    await admin('PATCH', '/v1/tenants/slow', { quotas: { submitsPerMinute: null } })
    expect((await callers.call(token, 'POST', '/v1/tasks', wait)).status).toBe(202)
  })

  it('bound how much runs, from the moment they change', async () => {
    await callers.tenant('narrow', { running: 1 })
    const { token } = await callers.token({ tenant: 'narrow' })
    const [one, two] = [0, 1].map(() => callers.call(token, 'POST', '/v1/tasks', { kind: 'wait', input: {} }))
    const ids = [(await one)?.body.id, (await two)?.body.id]
    const running = async () => (await callers.call(token, 'GET', '/v1/tasks?state=running')).body.items.length
    const started = (id: string) => callers.call(token, 'GET', `/v1/tasks/${id}/events?after=1&wait=20`)
    await started(ids[0])
    expect((await callers.call(token, 'GET', '/v1/stats')).body.tenants).toEqual([
      { tenant: 'narrow', queued: 1, busy: 1, processTime: { today: expect.any(Number), perDay: null } },
    ])
    await admin('PATCH', '/v1/tenants/narrow', { quotas: { running: 2 } })
    await started(ids[1])
    await expect.poll(running).toBe(2)
    for (const id of ids) await callers.call(token, 'POST', `/v1/tasks/${id}/cancel`)
  })
})

describe('quotas', () => {
  it('are kept one by one, of pools too, and a null brings back the default', async () => {
    await callers.tenant('many', { weight: 2, poolRunning: { batch: 1 }, timeZone: 'europe/berlin' })
    await admin('PATCH', '/v1/tenants/many', { quotas: { poolRunning: { normal: 3 }, memoryMiB: 1024 } })
    const { quotas } = (await admin('PATCH', '/v1/tenants/many', { quotas: { weight: null } })).body
    expect(quotas).toEqual({
      ...quotasOfNone,
      poolRunning: { critical: null, normal: 3, batch: 1 },
      memoryMiB: 1024,
      timeZone: 'Europe/Berlin',
    })
    expect((await admin('GET', '/v1/tenants/many')).body.quotas).toEqual(quotas)
  })

  it.each([
    [{ weight: 0 }, 'quotas.weight must be at least 0.01'],
    [{ weight: 1e9 }, 'quotas.weight must be at most 1000'],
    [{ timeZone: 'Mars/Olympus' }, 'there is no time zone Mars/Olympus: give a name such as Europe/Berlin'],
    [{ poolRunning: { night: 1 } }, 'quotas.poolRunning.night is not allowed here'],
    [{ poolQueued: 5 }, 'quotas.poolQueued must be an object'],
    [{ processSecondsPerDay: -1 }, 'quotas.processSecondsPerDay must be at least 0'],
  ])('are refused with one sentence when they make no sense: %j', async (quotas, sentence) => {
    const { status, body } = await admin('POST', '/v1/tenants', { name: 'nonsense', quotas })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body.detail).toContain(sentence)
  })

  it('bound what waits in a pool', async () => {
    await callers.tenant('pooled', { poolQueued: { batch: 1 } })
    const { token } = await callers.token({ tenant: 'pooled' })
    const submit = (pool: string) => callers.call(token, 'POST', '/v1/tasks', { ...wait, pool })
    expect((await submit('batch')).status).toBe(202)
    expect(await submit('batch')).toMatchObject({ status: 429, body: { code: 'QUEUE_FULL' } })
    expect((await submit('normal')).status).toBe(202)
  })

  it('refuse what asks for more than it could ever get', async () => {
    await callers.tenant('frugal', { runSeconds: 60, memoryMiB: 1024 })
    const { token } = await callers.token({ tenant: 'frugal' })
    const submit = (limits: object) => callers.call(token, 'POST', '/v1/tasks', { ...wait, limits })
    const tooLong = 'limits.runSeconds is 61, and a task of this tenant may run for 60 s: ask for less'
    expect(await submit({ runSeconds: 61 })).toMatchObject({ body: { code: 'INVALID_INPUT', detail: tooLong } })
    const tooLarge =
      'limits.memoryMiB is 1025, and all tasks of this tenant have 1024 together, so it could never start: ask for less'
    expect(await submit({ memoryMiB: 1025 })).toMatchObject({ body: { code: 'INVALID_INPUT', detail: tooLarge } })
    const forAnyServer = await callers.call(callers.admin, 'POST', '/v1/tasks', {
      ...wait,
      limits: { memoryMiB: 1024 * 1024 },
    })
    expect(forAnyServer.body.detail).toContain('all tasks of this server have')
    expect((await submit({ runSeconds: 60, memoryMiB: 1024 })).status).toBe(202)
  })
})

describe('process time', () => {
  it('is shown while it is used, and known after a start', async () => {
    await callers.tenant('timed', { processSecondsPerDay: 3600 })
    const { token } = await callers.token({ tenant: 'timed' })
    const { id } = (await callers.call(token, 'POST', '/v1/tasks', { kind: 'succeed', input: {} })).body
    await callers.call(token, 'GET', `/v1/tasks/${id}/events?after=2&wait=20`)
    const timeOf = async () => (await admin('GET', '/v1/tenants/timed')).body.processTime
    await expect.poll(async () => (await timeOf()).today).toBeGreaterThan(0)
    await mayfly.stop()
    mayfly = await startMayfly({ ...start, data: mayfly.data })
    callers = callersOf(mayfly)
    const { today, perDay } = await timeOf()
    expect(perDay).toBe(3600)
    expect(today).toBeGreaterThan(0)
    expect(today).toBeLessThan(60)
  })

  it('that is used up lets tasks wait', async () => {
    await admin('PATCH', '/v1/tenants/timed', { quotas: { processSecondsPerDay: 0 } })
    const { token } = await callers.token({ tenant: 'timed' })
    await callers.call(token, 'POST', '/v1/tasks', { kind: 'succeed', input: {} })
    const { tenants } = (await callers.call(token, 'GET', '/v1/stats')).body
    expect(tenants).toMatchObject([{ tenant: 'timed', queued: 1, busy: 0, processTime: { perDay: 0 } }])
  })
})

describe('what was granted and quotas', () => {
  it('hold after a start', async () => {
    const { token } = await callers.token({ tenant: 'acme', kinds: ['wait'] })
    await mayfly.stop()
    mayfly = await startMayfly({ ...start, data: mayfly.data })
    callers = callersOf(mayfly)
    expect((await callers.call(token, 'POST', '/v1/tasks', wait)).status).toBe(202)
    expect((await callers.call(token, 'POST', '/v1/tasks', { ...wait, kind: 'succeed' })).status).toBe(403)
    const { token: small } = await callers.token({ tenant: 'small' })
    expect((await callers.call(small, 'POST', '/v1/tasks', wait)).body.code).toBe('QUEUE_FULL')
  })
})
