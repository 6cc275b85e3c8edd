import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ShownSchedule } from '../../src/contract/schedule.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { type Answer, callersOf } from './fixtures/callers.ts'

let mayfly: TestMayfly
let callers: ReturnType<typeof callersOf>
let tenants = 0
/** A tenant of each test's own. */
let tenant: string
let as: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

const config = { kinds: [children('common')], shortestScheduleSeconds: 0.1, tenantSchedules: 5 }

beforeAll(async () => {
  mayfly = await startMayfly({ config })
  callers = callersOf(mayfly)
})
afterAll(() => mayfly.remove())

beforeEach(async () => {
  tenant = `tenant-${++tenants}`
  await callers.tenant(tenant)
  as = await callerOf()
})

async function callerOf(own = {}): Promise<typeof as> {
  const { token } = await callers.token({ tenant, ...own })
  return (method, path, body, headers = {}) => callers.call(token, method, path, body, headers)
}

const wait = { kind: 'wait', input: {} }
const succeed = { kind: 'succeed', input: {} }
const later = { at: '2100-01-01T00:00:00Z' }
const soon = { everySeconds: 0.2 }

async function make(request: object, by = as): Promise<string> {
  const { status, body } = await by('POST', '/v1/schedules', { task: wait, ...request })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body.id
}

const show = async (id: string): Promise<ShownSchedule> => (await as('GET', `/v1/schedules/${id}`)).body
const tasks = async () => (await as('GET', '/v1/tasks?limit=100')).body.items
const cancelAll = async () => {
  for (const { id } of await tasks()) await as('POST', `/v1/tasks/${id}/cancel`)
}
/** The newest fire, come or coming, of this outcome. */
async function untilFire(id: string, outcome: string) {
  const newest = async () => (await show(id)).history.find((fire) => fire.outcome === outcome)
  await expect.poll(newest).toBeDefined()
  const fire = await newest()
  if (!fire) throw new Error('it is gone again')
  return fire
}

describe('a schedule', () => {
  it('is made, shown, listed, changed and deleted', async () => {
    const request = { name: 'nightly', cron: '30 2 * * *', timeZone: 'europe/berlin', jitterSeconds: 60, paused: true }
    const { status, headers, body } = await as('POST', '/v1/schedules', { ...request, task: succeed })
    expect([status, headers.get('location')]).toEqual([201, `/v1/schedules/${body.id}`])
    const defaults = { everySeconds: null, at: null, overlap: 'skip', catchUp: 'latest', nextAt: null, tenant }
    expect(body).toMatchObject({ ...request, ...defaults, timeZone: 'Europe/Berlin', task: succeed })
    expect(await show(body.id)).toMatchObject({ ...body, nextTicks: [], history: [] })
    const other = await make(later)
    const { items, nextCursor } = (await as('GET', '/v1/schedules?limit=1')).body
    expect([items.map(({ id }: { id: string }) => id), nextCursor]).toEqual([[body.id], body.id])
    const rest = (await as('GET', `/v1/schedules?limit=1&cursor=${nextCursor}`)).body
    expect([rest.items[0].id, rest.nextCursor]).toEqual([other, null])
    expect((await as('GET', '/v1/schedules?name=nightly')).body.items).toMatchObject([{ id: body.id }])
    const changed = await as('PATCH', `/v1/schedules/${body.id}`, { timeZone: 'Asia/Tokyo', name: null, paused: false })
    expect(changed.body).toMatchObject({ cron: '30 2 * * *', timeZone: 'Asia/Tokyo', name: null, paused: false })
    const { nextTicks } = await show(body.id)
    expect(nextTicks.map((tick) => tick.slice(11))).toEqual(Array(5).fill('17:30:00.000Z'))
    expect((await as('DELETE', `/v1/schedules/${body.id}`)).status).toBe(204)
    expect((await as('GET', `/v1/schedules/${body.id}`)).status).toBe(404)
  })

  it('fires with labels that tell whose task it is, until it is paused', async () => {
    const id = await make({ ...soon, task: { ...succeed, labels: { mine: 'yes' } }, overlap: 'queue' })
    const { tick, task } = await untilFire(id, 'fired')
    const { body } = await as('GET', `/v1/tasks/${task}`)
    expect(body).toMatchObject({ tenant, labels: { mine: 'yes', 'mayfly/schedule': id, 'mayfly/tick': tick } })
    const paused = (await as('POST', `/v1/schedules/${id}/pause`)).body
    expect(paused).toMatchObject({ paused: true, nextAt: null })
    const count = (await tasks()).length
    const resumed = (await as('POST', `/v1/schedules/${id}/resume`)).body
    expect(Date.parse(resumed.nextAt)).toBeGreaterThan(Date.parse(resumed.changedAt))
    expect((await show(id)).history.filter(({ outcome }) => outcome === 'fired')).toHaveLength(count)
    await as('DELETE', `/v1/schedules/${id}`)
  })

  it('fires once at its time, and is over', async () => {
    const id = await make({ at: new Date(Date.now() + 300).toISOString(), task: succeed })
    await untilFire(id, 'fired')
    expect(await show(id)).toMatchObject({ nextAt: null, nextTicks: [], history: [{ outcome: 'fired' }] })
  })

  it('skips while its task has not ended, and says which', async () => {
    const id = await make({ ...soon, overlap: 'skip' })
    const { reason } = await untilFire(id, 'skipped')
    const [task, ...more] = await tasks()
    expect([reason, more]).toEqual([`its task ${task.id} had not ended`, []])
    await as('DELETE', `/v1/schedules/${id}`)
    await cancelAll()
  })

  it('replaces its former task: cancelled, with the reason', async () => {
    const id = await make({ ...soon, overlap: 'replace', task: { ...wait, concurrency: { key: 'one' } } })
    const cancelled = async () => (await tasks()).filter(({ state }: { state: string }) => state === 'cancelled')
    await expect.poll(cancelled).not.toEqual([])
    await as('DELETE', `/v1/schedules/${id}`)
    expect((await cancelled())[0].error.message).toContain(`its schedule ${id} fires again`)
    await cancelAll()
  })

  it('is run by hand under the same rule of overlap, and notes by whom', async () => {
    const id = await make(later)
    const { status, headers, body } = await as('POST', `/v1/schedules/${id}/run`)
    expect([status, headers.get('location')]).toEqual([202, `/v1/tasks/${body.id}`])
    const { history, token, nextAt } = await show(id)
    expect(history).toMatchObject([{ tick: null, outcome: 'fired', task: body.id, by: token }])
    expect(nextAt).toBe('2100-01-01T00:00:00.000Z')
    const again = await as('POST', `/v1/schedules/${id}/run`)
    expect([again.status, again.body.detail]).toEqual([409, expect.stringContaining(body.id)])
    await as('PATCH', `/v1/schedules/${id}`, { overlap: 'queue' })
    expect((await as('POST', `/v1/schedules/${id}/run`)).status).toBe(202)
    await cancelAll()
  })

  it('is run once for one idempotency key, also while its task has not ended', async () => {
    const id = await make({ ...later, task: wait, overlap: 'skip' })
    const run = (key: string) => as('POST', `/v1/schedules/${id}/run`, undefined, { 'idempotency-key': key })
    const first = await run('once')
    expect(first.status).toBe(202)
    const again = await run('once')
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
    expect((await run('other')).status).toBe(409)
    await as('PATCH', `/v1/schedules/${id}`, { overlap: 'replace' })
    expect([(await run('once')).body.id, (await show(id)).history.length]).toEqual([first.body.id, 1])
    expect((await as('GET', `/v1/tasks/${first.body.id}`)).body.state).not.toBe('cancelled')
    await as('PATCH', `/v1/schedules/${id}`, { task: succeed })
    expect((await run('once')).status).toBe(409)
    await cancelAll()
  })

  it('is noted in the audit log with each change', async () => {
    const id = await make({ ...later, name: 'noted' })
    for (const verb of ['pause', 'resume']) await as('POST', `/v1/schedules/${id}/${verb}`)
    await as('PATCH', `/v1/schedules/${id}`, { overlap: 'queue' })
    await as('DELETE', `/v1/schedules/${id}`)
    const { items } = (await callers.call(callers.admin, 'GET', `/v1/audit?tenant=${tenant}`)).body
    const ofIt = items.filter(({ subject }: { subject: string }) => subject === id).toReversed()
    expect(ofIt.map(({ action }: { action: string }) => action)).toEqual(
      ['created', 'paused', 'resumed', 'changed', 'deleted'].map((verb) => `schedule.${verb}`),
    )
  })
})

describe('the rights of a schedule', () => {
  it('are those of the token that made it: what that may not submit it may not plan, change or run', async () => {
    const confined = await callerOf({ kinds: ['succeed'], pools: ['batch', 'normal'] })
    const id = await make(later)
    const forbidden = [
      confined('POST', '/v1/schedules', { ...later, task: wait }),
      confined('POST', '/v1/schedules', { ...later, task: { ...succeed, pool: 'critical' } }),
      confined('PATCH', `/v1/schedules/${id}`, { everySeconds: 60 }),
      confined('POST', `/v1/schedules/${id}/run`),
      as('POST', '/v1/schedules', { ...later, task: { kind: 'lint', input: { path: '/' } } }),
    ]
    for (const { status, body } of await Promise.all(forbidden)) expect([status, body.code]).toEqual([403, 'FORBIDDEN'])
    expect((await show(id)).history).toEqual([])
  })

  it('pass to whoever changes it', async () => {
    const admin = (method: string, path: string, body?: unknown) =>
      callers.call(callers.admin, method, path, body, { 'mayfly-tenant': tenant })
    const id = await make({ ...later, task: { kind: 'lint', input: { path: '/' } } }, admin)
    expect((await show(id)).token).toBe('admin')
    const change = { task: { kind: 'lint', input: { path: '/etc' } } }
    expect((await as('PATCH', `/v1/schedules/${id}`, change)).status).toBe(403)
    expect((await as('PATCH', `/v1/schedules/${id}`, { jitterSeconds: 1 })).status).toBe(403)
    expect((await as('PATCH', `/v1/schedules/${id}`, { task: wait })).body.token).not.toBe('admin')
  })

  it('end with the token, and with the tenant its schedules', async () => {
    const made = await callers.token({ tenant })
    const by: typeof as = (method, path, body) => callers.call(made.token, method, path, body)
    const id = await make({ ...soon, task: succeed, overlap: 'queue' }, by)
    await callers.call(callers.admin, 'DELETE', `/v1/tokens/${made.id}`)
    expect(await untilFire(id, 'refused')).toMatchObject({ code: 'UNAUTHORIZED', task: null })
    await as('PATCH', `/v1/schedules/${id}`, { jitterSeconds: 0 })
    const before = (await tasks()).length
    await expect.poll(async () => (await tasks()).length).toBeGreaterThan(before)
    await as('POST', `/v1/schedules/${id}/pause`)
    const isDone = async () => (await tasks()).every(({ state }: { state: string }) => state === 'succeeded')
    await expect.poll(isDone).toBe(true)
    expect((await callers.call(callers.admin, 'DELETE', `/v1/tenants/${tenant}`)).status).toBe(204)
  })
})

describe('a tick that cannot have its task', () => {
  it('is noted with the reason when the tenant has too many tasks waiting, and the next one is tried', async () => {
    const quota = (queued: number | null) =>
      callers.call(callers.admin, 'PATCH', `/v1/tenants/${tenant}`, { quotas: { queued } })
    await quota(0)
    const id = await make({ ...soon, task: succeed })
    const { reason } = await untilFire(id, 'refused')
    expect(reason).toContain('of at most 0')
    expect(await untilFire(id, 'refused')).toMatchObject({ code: 'QUEUE_FULL', task: null, state: null })
    await quota(null)
    await untilFire(id, 'fired')
    await as('DELETE', `/v1/schedules/${id}`)
  })

  it('is noted with the reason when its kind has gone, and goes on when the kind is back', {
    timeout: 120_000,
  }, async () => {
    const id = await make({ ...soon, task: succeed, overlap: 'queue' })
    const restart = async (kinds: string[]) => {
      await mayfly.stop()
      mayfly = await startMayfly({ config: { ...config, kinds }, data: mayfly.data })
      const { token } = await callersOf(mayfly).token({ tenant })
      callers = callersOf(mayfly)
      as = (method, path, body) => callers.call(token, method, path, body)
    }
    await restart([])
    expect(await untilFire(id, 'refused')).toMatchObject({ code: 'UNKNOWN_KIND' })
    await restart(config.kinds)
    const { history } = await show(id)
    const newest = async () => (await show(id)).history[0]?.outcome
    await expect.poll(newest).toBe('fired')
    expect(history.some(({ outcome }) => outcome === 'refused')).toBe(true)
    await as('DELETE', `/v1/schedules/${id}`)
  })
})

describe('a request for a schedule', () => {
  const at = (own: object) => ({ ...later, task: wait, ...own })
  const refused: readonly (readonly [what: string, request: object, sentence: string])[] = [
    ['no timing', { task: wait }, 'give one of cron, everySeconds and at'],
    ['two timings', at({ everySeconds: 5 }), 'not several'],
    ['an interval of 0', { task: wait, everySeconds: 0 }, 'at least 0.1'],
    ['an absurd interval', { task: wait, everySeconds: 1e12 }, 'at most'],
    ['a time that is over', at({ at: '2020-01-01T00:00:00Z' }), 'choose a time to come'],
    ['a time without offset', at({ at: '2100-01-01' }), 'ISO 8601'],
    ['a cron expression that never fires', { task: wait, cron: '0 0 30 2 *' }, 'never fires'],
    ['a cron expression with seconds', { task: wait, cron: '* * * * * *' }, 'five fields'],
    ['a cron expression out of range', { task: wait, cron: '99 * * * *' }, '99'],
    ['a cron expression of nonsense', { task: wait, cron: 'x'.repeat(200) }, 'five fields'],
    ['a date for a cron expression', { task: wait, cron: '2100-01-01T00:00:00' }, 'five fields'],
    ['a time of the server for a cron expression', { task: wait, cron: '? * * * *' }, 'five fields'],
    ['a time zone that does not exist', { task: wait, cron: '@daily', timeZone: 'Mars/Olympus' }, 'Europe/Berlin'],
    ['a time zone without cron', at({ timeZone: 'UTC' }), 'belongs to cron'],
    ['an unknown policy', at({ overlap: 'maybe' }), 'skip, queue, replace'],
    ['an unknown kind', at({ task: { kind: 'nothing', input: {} } }), 'no kind nothing'],
    ['a task with a time of its own', at({ task: { ...wait, notBefore: later.at } }), 'the schedule says when'],
    ['a task of its own size', at({ task: { ...wait, input: 'x'.repeat(70_000) } }), '64 KiB'],
    [
      'too many labels',
      at({ task: { ...wait, labels: Object.fromEntries([...Array(31).keys()].map((n) => [`l${n}`, ''])) } }),
      '30',
    ],
    ['an unknown provider of secrets', at({ task: { ...wait, secrets: { x: 'nowhere:y' } } }), 'secrets.x'],
    ['a name that is none', at({ name: '\u0000' }), 'letters, digits'],
    ['jitter below 0', at({ jitterSeconds: -1 }), 'at least 0'],
    ['more than there is', at({ more: 1 }), 'more is not allowed'],
  ]

  it.each(refused)('with %s is refused with a sentence', async (_what, request, sentence) => {
    const { status, body } = await as('POST', '/v1/schedules', request)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body.detail).toContain(sentence)
    expect((await as('GET', '/v1/schedules')).body.items).toEqual([])
  })

  it('is refused when the name is taken, or there are as many as there may be', async () => {
    const first = await make({ ...later, name: 'one' })
    const twin = await as('POST', '/v1/schedules', at({ name: 'one' }))
    expect([twin.status, twin.body.detail]).toEqual([409, expect.stringContaining('one already')])
    for (let more = 1; more < config.tenantSchedules; more++) await make(later)
    const last = await as('POST', '/v1/schedules', at({}))
    expect([last.status, last.body.detail]).toEqual([409, expect.stringContaining('5 schedules')])
    const second = (await as('GET', '/v1/schedules?limit=2')).body.items[1].id
    expect((await as('PATCH', `/v1/schedules/${second}`, { name: 'one' })).status).toBe(409)
    await as('DELETE', `/v1/schedules/${first}`)
    expect((await as('PATCH', `/v1/schedules/${second}`, { name: 'one' })).status).toBe(200)
  })

  it('to change it is judged like the first, and leaves it as it was when refused', async () => {
    const id = await make(later)
    const before = await show(id)
    const changes = [{ at: '2020-01-01T00:00:00Z' }, { timeZone: 'UTC' }, { everySeconds: 0 }, { cron: '0 0 30 2 *' }]
    for (const change of [...changes, { task: { kind: 'nothing', input: {} } }]) {
      expect((await as('PATCH', `/v1/schedules/${id}`, change)).status).toBeOneOf([400, 422])
    }
    expect(await show(id)).toEqual(before)
  })
})
