import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const kinds = [children('common'), children('cleanups')]

describe('a kind with a cleanup', () => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({ config: { kinds, sharedSlots: 1 } })
  })

  afterAll(() => mayfly.remove())

  const typesOf = async (id: string) => (await mayfly.events(id)).map(({ type }) => type)
  const cleanupOf = async (id: string) => (await mayfly.events(id)).filter(({ type }) => type === 'task.cleanup')

  it('cleans up what a failed task had begun, in a process of its own, with the last checkpoint', async () => {
    const task = await mayfly.run({ kind: 'untidy', input: { how: 'throw' } })
    const why = { code: 'TASK_FAILED', message: 'it went wrong', retryable: false }
    expect(task).toMatchObject({ state: 'failed', outcome: 'failed', attempt: 2, cleaning: null, error: why })
    expect(await mayfly.texts(task.id, 'log')).toContain(
      'cleaning in attempt 2: {"checkpoint":{"begun":"a remote job"},"code":"TASK_FAILED"}',
    )
    expect((await typesOf(task.id)).slice(-2)).toEqual(['task.cleanup', 'task.failed'])
    expect((await cleanupOf(task.id))[0]?.data).toEqual({ outcome: 'succeeded' })
    expect(mayfly.attempts(task.id).map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
    expect((await mayfly.events(task.id)).at(-1)?.data).toMatchObject({ outcome: 'failed', error: why })
    await expectAftermath(mayfly, task.id)
  })

  it('cleans up after a cancel and after a deadline', async () => {
    const { id } = await mayfly.submit({ kind: 'untidy', input: { how: 'wait' } })
    await mayfly.untilText(id, 'begun')
    await mayfly.cancel(id, 'enough')
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 2, error: { message: 'enough' } })
    const late = await mayfly.run({ kind: 'untidy', input: { how: 'wait' }, limits: { runSeconds: 4 } })
    expect(late).toMatchObject({ state: 'failed', outcome: 'timed_out', attempt: 2, error: { code: 'TIMED_OUT' } })
    for (const one of [id, late.id]) expect((await cleanupOf(one))[0]?.data).toEqual({ outcome: 'succeeded' })
  })

  it('cleans up after one that was cancelled or expired while it was suspended', async () => {
    const { id } = await mayfly.submit({ kind: 'untidy', input: { how: 'suspend' } })
    await mayfly.untilType(id, 'task.suspended')
    const answer = await mayfly.cancel(id, 'enough')
    expect([answer.status, await answer.json()]).toMatchObject([202, { cleaning: 'cancelled' }])
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 2, error: { message: 'enough' } })
    expect(await mayfly.texts(id, 'log')).toContain(
      'cleaning in attempt 2: {"checkpoint":{"begun":"late"},"code":"CANCELLED"}',
    )
    const expired = await mayfly.run({ kind: 'untidy', input: { how: 'suspend' }, ttlSeconds: 2 })
    expect(expired).toMatchObject({ state: 'cancelled', attempt: 2, error: { code: 'EXPIRED' } })
  })

  it('has nothing to clean up after a task that succeeded, or never began', async () => {
    const succeeded = await mayfly.run({ kind: 'untidy', input: { how: 'succeed' } })
    expect(succeeded).toMatchObject({ state: 'succeeded', attempt: 1 })
    const notBefore = new Date(Date.now() + 3_600_000).toISOString()
    const { id } = await mayfly.submit({ kind: 'untidy', input: { how: 'wait' }, notBefore })
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 0 })
    const secretless = await mayfly.run({ kind: 'untidy', input: { how: 'wait' }, secrets: { token: 'nowhere' } })
    expect(secretless).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'SECRET_UNAVAILABLE' } })
    for (const task of [succeeded.id, id, secretless.id]) expect(await cleanupOf(task)).toEqual([])
  })

  it('is tried three times, and the outcome stays as it was decided', async () => {
    const retry = { backoffSeconds: 0 }
    const task = await mayfly.run({ kind: 'untidy', input: { how: 'throw', cleanup: 'throw' }, retry })
    expect(task).toMatchObject({ state: 'failed', attempt: 4, error: { message: 'it went wrong' } })
    const error = { code: 'TASK_FAILED', message: 'the cleanup went wrong', retryable: false }
    expect((await cleanupOf(task.id)).map(({ data }) => data)).toMatchObject([{ outcome: 'failed', error }])
  })

  it.each([
    ['fatal', 2, 'no use'],
    ['submit', 2, 'a cleanup submits no tasks'],
    ['suspend', 4, 'cannot be suspended but until children have settled'],
  ])('is not tried again when that is of no use (%s)', async (cleanup, attempt, message) => {
    const retry = { backoffSeconds: 0 }
    const task = await mayfly.run({ kind: 'untidy', input: { how: 'throw', cleanup }, retry })
    expect(task).toMatchObject({ state: 'failed', attempt, error: { message: 'it went wrong' } })
    const [{ data } = { data: {} }] = await cleanupOf(task.id)
    expect(JSON.stringify(data)).toContain(message)
  })

  it('has what serves it run, waits for it, and goes on, although its task is to end', async () => {
    const { id } = await mayfly.submit({ kind: 'untidy', input: { how: 'wait', cleanup: 'serve' } })
    await mayfly.untilText(id, 'begun')
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 3 })
    expect((await cleanupOf(id)).map(({ data }) => data)).toEqual([{ outcome: 'succeeded' }])
    expect(await mayfly.texts(id, 'log')).toContain('served: 1 succeeded')
  })

  it('waits so twice at most, also where what it waits for serves it with an error', async () => {
    const task = await mayfly.run({ kind: 'untidy', input: { how: 'throw', cleanup: 'serve without end' } })
    expect(task).toMatchObject({ state: 'failed', attempt: 4, error: { message: 'it went wrong' } })
    const error = { message: 'the cleanup wanted to wait for tasks once more than it may' }
    expect((await cleanupOf(task.id)).map(({ data }) => data)).toMatchObject([{ error }])
  })

  it('is not disturbed by a wish to cancel', async () => {
    const { id } = await mayfly.submit({
      kind: 'untidy',
      input: { how: 'throw', cleanup: 'wait' },
      limits: { runSeconds: 2 },
      retry: { backoffSeconds: 0 },
    })
    await mayfly.untilText(id, 'cleaning in attempt 2')
    const answer = await mayfly.cancel(id)
    expect([answer.status, await answer.json()]).toMatchObject([409, { detail: expect.stringContaining('cleanup') }])
    const task = await mayfly.settled(id)
    expect(task).toMatchObject({ state: 'failed', attempt: 4, error: { message: 'it went wrong' } })
    expect((await cleanupOf(id))[0]?.data).toMatchObject({ outcome: 'timed_out', error: { code: 'TIMED_OUT' } })
  })
})

describe('a cleanup whose orchestrator stops', () => {
  let mayfly: TestMayfly

  afterEach(() => mayfly.remove())

  it('runs again at the next start', async () => {
    const config = { kinds, sharedSlots: 1 }
    mayfly = await startMayfly({ config })
    const { id } = await mayfly.submit({ kind: 'untidy', input: { how: 'throw', cleanup: 'wait' } })
    await mayfly.untilText(id, 'cleaning in attempt 2')
    await mayfly.stop()
    mayfly = await startMayfly({ config, data: mayfly.data })
    await mayfly.untilText(id, 'cleaning in attempt 3')
    expect(await mayfly.task(id)).toMatchObject({ state: 'running', cleaning: 'failed', outcome: 'failed' })
  })
})
