import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../src/contract/check.ts'
import { Explanation } from '../../src/contract/explanation.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { callersOf } from './fixtures/callers.ts'

let mayfly: TestMayfly

const start = { config: { kinds: [children('common')], sharedSlots: 1, criticalSlots: 1 } }

beforeAll(async () => {
  mayfly = await startMayfly(start)
  await callers().tenant('globex')
})
afterAll(() => mayfly.remove())

const callers = () => callersOf(mayfly)

const submitted: string[] = []

const submit = async (own = {}) => {
  const { id } = await mayfly.submit({ kind: 'wait', ...own })
  submitted.push(id)
  return id
}

/** The last first, so that none of them starts meanwhile. */
afterEach(async () => {
  const ids = submitted.splice(0).reverse()
  for (const id of ids) await mayfly.cancel(id)
  for (const id of ids) await mayfly.settled(id)
})

const explain = async (id: string): Promise<Explanation> => {
  const explanation = await mayfly.get<Explanation>(`/tasks/${id}/explain`)
  expect(guardOf(Explanation)(explanation)).toBe(true)
  return explanation
}

const rulesOf = ({ blockedBy }: Explanation) => blockedBy.map(({ rule }) => rule)

describe('a task explains', () => {
  it('what it waits for, its position, and what is before it; then since when it runs, and how long it waited', async () => {
    const first = await submit()
    await mayfly.untilType(first, 'task.started')
    const { token } = await callers().token({ tenant: 'globex' })
    const foreign = (await callers().call(token, 'POST', '/v1/tasks', { kind: 'wait', input: {} })).body.id
    await submit()
    const third = await submit()
    const waits = await explain(third)
    expect(waits).toMatchObject({ state: 'queued', position: 2, isPositionLeast: false })
    expect(rulesOf(waits)).toEqual(['slots', 'turn'])
    expect(waits.ahead).toContainEqual({ class: 'own', pool: 'normal', tasks: 1, processSeconds: expect.any(Number) })
    expect(waits.ahead).toContainEqual({ class: 'others', pool: 'normal', tasks: null, processSeconds: 10 })
    expect(JSON.stringify(waits)).not.toContain(foreign)
    expect(JSON.stringify(waits)).not.toContain('globex')
    expect(waits.estimate).toMatchObject({ basis: 'a guess: no run of wait is known', startAt: expect.any(String) })
    expect(waits.estimate?.p90Seconds).toBeGreaterThan(waits.estimate?.p50Seconds ?? Infinity)
    const runs = await explain(first)
    expect(runs).toMatchObject({ position: null, blockedBy: [], waits: [{ for: 'its turn' }] })
    expect(runs.estimate).toMatchObject({ startAt: runs.waits[0]?.until, p50Seconds: null, endAt: expect.any(String) })
    await callers().call(token, 'POST', `/v1/tasks/${foreign}/cancel`)
  })

  it('its time, and that it will start then', async () => {
    const id = await submit({ notBefore: '2100-01-01T00:00:00Z' })
    const later = await explain(id)
    expect(later).toMatchObject({ position: null, blockedBy: [{ rule: 'due', until: '2100-01-01T00:00:00.000Z' }] })
    expect(later.estimate?.startAt).toMatch(/^2100-01-01T00:0/)
  })

  it('a pause with its reason, and that nobody knows how long that will take', async () => {
    const pause = (await callers().call(mayfly.token, 'POST', '/v1/pauses', { key: 'org', reason: 'a freeze' })).body
    const id = await submit({ concurrency: { key: 'org' } })
    const paused = await explain(id)
    expect(paused).toMatchObject({ position: 1, blockedBy: [{ rule: 'paused' }], waits: [{ until: null }] })
    expect(paused.blockedBy[0]?.detail).toBe(
      `key org is paused (a freeze): it goes on when pause ${pause.id} is deleted`,
    )
    expect(paused.estimate).toMatchObject({
      startAt: null,
      p90Seconds: null,
      basis: 'none: it is paused, and nobody knows for how long',
    })
    await mayfly.call('DELETE', `/pauses/${pause.id}`)
    await mayfly.untilType(id, 'task.started')
    const [wait] = (await explain(id)).waits
    expect(wait).toMatchObject({
      for: 'its turn',
      rules: expect.arrayContaining([expect.objectContaining({ rule: 'paused' })]),
    })
    const told = wait?.rules.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0
    expect(Math.abs(told - (wait?.seconds ?? 0))).toBeLessThan(1)
  })

  it('its position exactly, also where most of what is before it is in the journal alone', async () => {
    const first = await submit()
    await mayfly.untilType(first, 'task.started')
    const tasks = Array.from({ length: 200 }, () => ({ kind: 'wait', input: {} }))
    const { items } = (await callers().call(mayfly.token, 'POST', '/v1/tasks/batch', { tasks })).body
    const ids: string[] = items.map(({ task }: { task: { id: string } }) => task.id)
    submitted.push(...ids)
    const position = async (at: number) => (await explain(ids[at] as string)).position
    expect(await Promise.all([0, 63, 64, 65, 150, 199].map(position))).toEqual([1, 64, 65, 66, 151, 200])
    await mayfly.cancel(ids[100] as string)
    expect(await Promise.all([99, 101, 199].map(position))).toEqual([100, 101, 199])
  })

  it('when it has ended, how long it waited and for what; and a start later how long such a task takes', async () => {
    const notBefore = new Date(Date.now() + 300).toISOString()
    const done = await mayfly.settled((await mayfly.submit({ kind: 'succeed', notBefore })).id)
    const ended = await explain(done.id)
    expect(ended).toMatchObject({ state: 'succeeded', position: null, estimate: null, blockedBy: [], ahead: [] })
    expect(ended.waits).toMatchObject([
      { from: done.createdAt, until: notBefore, for: 'its time: it was not to start before', rules: [] },
      { from: notBefore, for: 'its turn' },
    ])
    expect(ended.waitedSeconds).toBeCloseTo(ended.waits.reduce((sum, { seconds }) => sum + seconds, 0))
    await mayfly.stop()
    mayfly = await startMayfly({ ...start, data: mayfly.data })
    const later = await mayfly.submit({ kind: 'succeed', notBefore: '2100-01-01T00:00:00Z' })
    const { estimate } = await explain(later.id)
    expect(estimate?.basis).toBe('the last run of succeed, and what is ahead')
  })

  it('nothing of a task that there is not', async () => {
    const answer = await mayfly.call('GET', '/tasks/01890a5d-ac96-774b-bcce-b302099a8057/explain')
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }])
  })
})
