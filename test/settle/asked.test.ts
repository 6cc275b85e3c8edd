import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const hourAhead = () => new Date(Date.now() + 3_600_000).toISOString()

describe('a task that somebody wants to end', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('common'), children('endings')], sharedSlots: 1 } })
  })

  afterAll(() => mayfly.remove())

  it('is cancelled at once while it is queued', async () => {
    const { id } = await mayfly.submit({ kind: 'succeed', notBefore: hourAhead() })
    const answer = await mayfly.cancel(id, 'changed my mind')
    expect([answer.status, await answer.json()]).toMatchObject([202, { state: 'cancelled', outcome: 'cancelled' }])
    expect(await mayfly.task(id)).toMatchObject({
      attempt: 0,
      error: { code: 'CANCELLED', message: 'changed my mind' },
    })
    expect(mayfly.attempts(id)).toEqual([])
  })

  it('is asked, told why, and cancelled when it runs', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilText(id, 'waiting')
    const answer = await mayfly.cancel(id, 'enough')
    expect(answer.status).toBe(202)
    const task = await mayfly.settled(id)
    // It returned when it was asked: a result that comes after the wish does not count as one.
    expect(task).toMatchObject({ state: 'cancelled', outcome: 'cancelled', result: null })
    expect(task.error).toEqual({ code: 'CANCELLED', message: 'enough', retryable: false })
    const types = (await mayfly.events(id)).map(({ type }) => type)
    expect(types.slice(-3)).toEqual(['task.cancelling', 'task.log', 'task.cancelled'])
    expect(await mayfly.texts(id, 'log')).toContain('asked: cancelled: enough')
    await expectAftermath(mayfly, id)
  })

  it('may be told so twice, and not once it has ended', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilText(id, 'waiting')
    const answers = await Promise.all([mayfly.cancel(id, 'first'), mayfly.cancel(id, 'second')])
    expect(answers.map(({ status }) => status)).toContain(202)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    const late = await mayfly.cancel(id)
    expect([late.status, await late.json()]).toMatchObject([409, { code: 'CONFLICT' }])
    const lateToo = await mayfly.cancel((await mayfly.run({ kind: 'succeed' })).id)
    expect(lateToo.status).toBe(409)
  })

  it('is cancelled between two attempts', async () => {
    const ask = { kind: 'throw', input: { message: 'no' }, retry: { maxAttempts: 2, backoffSeconds: 3600 } }
    const { id } = await mayfly.submit(ask)
    await mayfly.untilType(id, 'task.retrying')
    expect((await mayfly.cancel(id)).status).toBe(202)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  it('is cancelled while it is suspended', async () => {
    const { id } = await mayfly.submit({ kind: 'suspend', input: { forMs: 3_600_000 } })
    await mayfly.untilType(id, 'task.suspended')
    expect((await mayfly.cancel(id)).status).toBe(202)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  it('is not retried when it fails after it was cancelled', async () => {
    const { id } = await mayfly.submit({ kind: 'wait', retry: { maxAttempts: 5, backoffSeconds: 0 } })
    await mayfly.untilText(id, 'waiting')
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 1 })
  })

  it('expires when its time is over before it could start', async () => {
    const blocker = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilText(blocker.id, 'waiting')
    const task = await mayfly.run({ kind: 'succeed', ttlSeconds: 0.3 })
    expect(task).toMatchObject({ state: 'cancelled', attempt: 0, error: { code: 'EXPIRED', retryable: false } })
    await mayfly.cancel(blocker.id)
    await mayfly.settled(blocker.id)
  })
})

describe('a task that makes room', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('common'), children('endings')], sharedSlots: 1 } })
  })

  afterAll(() => mayfly.remove())

  it('is told so, and queued in front with nothing counted', async () => {
    const { id } = await mayfly.submit({ kind: 'wait' })
    await mayfly.untilText(id, 'waiting in attempt 1')
    const behind = await mayfly.submit({ kind: 'succeed' })
    expect(await mayfly.orchestrator.preempt(id, { reason: 'something more important', by: 'another' })).toBe(true)
    await mayfly.untilText(id, 'waiting in attempt 2')
    expect(await mayfly.task(behind.id)).toMatchObject({ state: 'queued' })
    expect(await mayfly.texts(id, 'log')).toContain('asked: preempted: something more important')
    const types = (await mayfly.events(id)).map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['task.preempting', 'task.requeued']))
    expect(mayfly.attempts(id)[0]).toMatchObject({ outcome: 'preempted', error: null })
    expect(mayfly.counts(id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 2 })
    expect(await mayfly.settled(behind.id)).toMatchObject({ state: 'succeeded' })
  })

  it('cannot when it does not run', async () => {
    const { id } = await mayfly.submit({ kind: 'succeed', notBefore: hourAhead() })
    expect(await mayfly.orchestrator.preempt(id, { reason: 'why not', by: null })).toBe(false)
    expect(await mayfly.orchestrator.preempt('nobody', { reason: 'why not', by: null })).toBe(false)
    await mayfly.cancel(id)
  })
})

describe('a task that comes again', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds: [children('common'), children('endings')], sharedSlots: 2 } })
  })

  afterAll(() => mayfly.remove())

  it('resumes at its time with its checkpoint, and holds no slot meanwhile', async () => {
    const { id } = await mayfly.submit({ kind: 'suspend', input: { forMs: 700 } })
    const suspended = await mayfly.untilType(id, 'task.suspended')
    expect(suspended.data).toMatchObject({ outcome: 'suspended', notBefore: expect.any(String) })
    await expectAftermath(mayfly, id)
    const task = await mayfly.settled(id)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 2, result: { attempt: 2, checkpoint: { from: 1 } } })
    const { resumedAt } = task.result as { resumedAt: number }
    expect(resumedAt).toBeGreaterThanOrEqual(Date.parse(String(suspended.data.notBefore)))
    expect(mayfly.counts(id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })
  })

  it('is retried with its checkpoint until it succeeds', async () => {
    const ask = { kind: 'fail-then-succeed', input: { at: 3 }, retry: { maxAttempts: 3, backoffSeconds: 0 } }
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 3, result: { checkpoint: { reached: 2 } }, error: null })
    expect(mayfly.attempts(task.id).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'succeeded'])
    expect(mayfly.counts(task.id).failures).toBe(2)
  })

  it('is retried as often as its policy says, each time later', async () => {
    const retry = { maxAttempts: 3, backoffSeconds: 0.2, maxBackoffSeconds: 10 }
    const task = await mayfly.run({ kind: 'throw', input: { message: 'never' }, retry })
    expect(task).toMatchObject({ state: 'failed', attempt: 3, error: { message: 'never', retryable: false } })
    const retrying = (await mayfly.events(task.id)).filter(({ type }) => type === 'task.retrying')
    expect(retrying.map(({ data }) => [data.failures, data.maxAttempts])).toEqual([
      [1, 3],
      [2, 3],
    ])
    const waits = retrying.map(({ at, data }) => Date.parse(String(data.notBefore)) - Date.parse(at))
    expect(waits[0]).toBeGreaterThanOrEqual(95)
    expect(waits[0]).toBeLessThanOrEqual(205)
    expect(waits[1]).toBeGreaterThanOrEqual(195)
    expect(waits[1]).toBeLessThanOrEqual(405)
    expect(retrying[0]?.data.error).toMatchObject({
      code: 'TASK_FAILED',
      retryable: true,
      lastOutput: 'about to throw',
    })
  })

  it('is not retried when its error says that this is of no use', async () => {
    const input = { message: 'fatal', properties: { retryable: false } }
    const task = await mayfly.run({ kind: 'throw', input, retry: { maxAttempts: 5, backoffSeconds: 0 } })
    expect(task).toMatchObject({ state: 'failed', attempt: 1, error: { message: 'fatal', retryable: false } })
  })
})

describe('a task whose orchestrator stops', () => {
  let mayfly: TestMayfly

  afterEach(() => mayfly.remove())

  it.each(['wait', 'succeed'])('is handed back and runs again at the next start (%s)', async (kind) => {
    const config = { kinds: [children('common')], sharedSlots: 1, startDeadlineSeconds: 20 }
    mayfly = await startMayfly({ config })
    const { id } = await mayfly.submit({ kind })
    // In one case in the middle of its work, in the other anywhere between its submission and its end.
    if (kind === 'wait') await mayfly.untilText(id, 'waiting')
    await mayfly.stop()
    const [first] = mayfly.attempts(id)
    if (kind === 'wait') expect(first).toMatchObject({ outcome: 'interrupted', error: null })
    expect(mayfly.leftoversOf(first ? [first.worker] : [])).toEqual({ processes: [], workspaces: [] })
    expect(mayfly.counts(id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })

    mayfly = await startMayfly({ config, data: mayfly.data })
    if (kind === 'wait') {
      await mayfly.untilText(id, 'waiting in attempt 2')
      await mayfly.cancel(id)
    }
    expect((await mayfly.settled(id)).state).toBe(kind === 'wait' ? 'cancelled' : 'succeeded')
  })
})
