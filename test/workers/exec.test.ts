import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAftermath, processesWith } from '../fixtures/aftermath.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

describe.each([0, 1] as const)('exec at level %i', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('common')], isolation: { atMost: level }, sharedSlots: 1 },
    })
  })

  afterAll(() => mayfly.remove())

  const exec = (input: object) => mayfly.run({ kind: 'exec', input } as Ask)

  it('passes every argument as it is: nobody interprets it', async () => {
    const args = ['', ' a  b ', '$HOME', '`id`', '; echo no', "it's", '"quoted"', '*', 'ü🦋', '-n', '\\n', 'a\tb']
    const task = await exec({ command: ['printf', '<%s>\n', ...args] })
    expect(task).toMatchObject({ state: 'succeeded', result: { exitCode: 0 } })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(args.map((arg) => `<${arg}>`))
  })

  it('adds to the environment, but does not let the marker go', async () => {
    const env = { GREETING: 'hello\nworld', MAYFLY_WORKER: 'somebody-else', HOME: '/nowhere' }
    const task = await exec({ command: ['sh', '-c', 'echo "$GREETING|$HOME|$MAYFLY_WORKER|$NODE_COMPILE_CACHE"'], env })
    const worker = mayfly.attempts(task.id)[0]?.worker
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['hello', `world|/nowhere|${worker}|`])
  })

  it('works in a directory of its workspace', async () => {
    const task = await exec({ command: ['pwd'], directory: 'a/b' })
    expect((await mayfly.texts(task.id))[0]).toMatch(new RegExp(`^${mayfly.data}/workspaces/[^/]+/work/a/b$`))
  })

  it.each(['..', '../tmp', '/etc', 'a/../../..', '../work-not'])('refuses the directory %s', async (directory) => {
    const task = await exec({ command: ['pwd'], directory })
    const message = expect.stringContaining('inside the workspace')
    expect(task).toMatchObject({ state: 'failed', error: { code: 'INVALID_INPUT', message } })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual([])
  })

  it('gives the command its input, and none when there is none', async () => {
    const input = 'x'.repeat(200_000)
    const counted = await exec({ command: ['wc', '-c'], stdin: input })
    expect((await mayfly.texts(counted.id)).join().trim()).toBe('200000')
    expect(await exec({ command: ['cat'] })).toMatchObject({ state: 'succeeded' })
    expect(await exec({ command: ['true'], stdin: input })).toMatchObject({ state: 'succeeded' })
  })

  it.each([1, 2, 127, 255])('fails as the command does that exits with %i', async (exitCode) => {
    const task = await exec({ command: ['sh', '-c', `echo so; exit ${exitCode}`] })
    expect(task).toMatchObject({ state: 'failed', outcome: 'failed' })
    expect(task.error).toMatchObject({ code: 'TASK_FAILED', exitCode, lastOutput: 'so' })
  })

  it('tells of the signal that ended the command', async () => {
    const task = await exec({ command: ['sh', '-c', 'kill -SEGV $$'] })
    expect(task).toMatchObject({ state: 'failed', error: { code: 'TASK_FAILED', signal: 'SIGSEGV' } })
  })

  it.each(['no-such-program', '/etc', '/etc/passwd', './none'])('cannot run %s, and says so once', async (program) => {
    const ask = { kind: 'exec', input: { command: [program] }, retry: { maxAttempts: 3, backoffSeconds: 0 } } as Ask
    const task = await mayfly.run(ask)
    const message = expect.stringContaining(`cannot run ${program}`)
    expect(task).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'TASK_FAILED', message } })
  })

  it('shows output while the command runs, and kills its tree when it is cancelled', async () => {
    const seconds = `${process.pid}.${900 + level}`
    const script = `sleep ${seconds} & setsid sleep ${seconds} & trap 'echo asked' TERM; echo ready; wait; wait; wait`
    const { id } = await mayfly.submit({ kind: 'exec', input: { command: ['sh', '-c', script] } })
    await mayfly.untilText(id, 'ready')
    expect(await mayfly.task(id)).toMatchObject({ state: 'running' })
    await mayfly.cancel(id)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled' })
    expect(await mayfly.texts(id, 'stdout')).toEqual(['ready', 'asked'])
    expect(processesWith(`sleep\0${seconds}`)).toEqual([])
    await expectAftermath(mayfly, id)
  })
})
