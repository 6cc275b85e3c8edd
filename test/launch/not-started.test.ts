import { mkdtempSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultSecrets } from '../../src/config/secrets.ts'
import { type Start, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { standStill, standStillPastAnEnd } from '../fixtures/stand-still.ts'

const workerProgram = (name: string) =>
  fileURLToPath(new URL(`../fixtures/children/programs/${name}.ts`, import.meta.url))

/** Tried twice, with next to no time in between. */
const ask = { kind: 'exec', input: { command: ['true'] }, retry: { backoffSeconds: 0 } } as const

describe.each([0, 1] as const)('at level %i', (level) => {
  let mayfly: TestMayfly

  afterEach(() => mayfly.remove())

  async function start(program: string, more: Start['config'] = {}): Promise<void> {
    const config = { isolation: { atMost: level }, sharedSlots: 1, maxStartFailures: 2, ...more }
    mayfly = await startMayfly({ config, hooks: { workerProgram: workerProgram(program) } })
  }

  it.each([
    ['exit-at-once', 'before it was ready', { exitCode: 7, lastOutput: 'I do not feel like it' }],
    ['never-ready', 'not ready within 0.6 s', {}],
    [
      'no-such-program',
      'before it was ready',
      { exitCode: 1, lastOutput: expect.stringContaining('Cannot find module') },
    ],
  ])('a worker that is never ready (%s) is the infrastructure’s fault', async (program, message, evidence) => {
    // Those that end by themselves may take their time: that is not what they are told of.
    await start(program, program === 'never-ready' ? { startDeadlineSeconds: 0.6 } : {})
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ state: 'failed', outcome: 'not_started', attempt: 2, startedAt: null })
    expect(task.error).toMatchObject({ code: 'NOT_STARTED', message: expect.stringContaining(message), ...evidence })
    expect(mayfly.counts(task.id)).toEqual({ failures: 0, startFailures: 2, losses: 0 })
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
    const [requeued] = (await mayfly.events(task.id)).filter(({ type }) => type === 'task.requeued')
    expect(requeued?.data).toMatchObject({ cause: 'not started', error: { code: 'NOT_STARTED' } })
  })

  it.each([
    ['garbage', 'crashed', 'CRASHED'],
    ['ready-then-exit', 'abandoned', 'ABANDONED'],
    ['told-then-exit', 'crashed', 'CRASHED'],
  ])('a worker that is odd from the start (%s) is %s', async (program, outcome, code) => {
    await start(program)
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ state: 'failed', outcome, attempt: 1, error: { code } })
    expect(mayfly.leftovers(task.id)).toEqual({ processes: [], workspaces: [] })
  })

  it.each([
    ['was ready', { startDeadlineSeconds: 0.6 }, {}],
    ['spoke', {}, { silenceSeconds: 1 }],
    ['was done', {}, { runSeconds: 1 }],
  ])('a worker that %s while the server stood still is judged by that', async (_, more, limits) => {
    const witness = (waypoint: string) => void (waypoint === 'launch.told' && setImmediate(standStillPastAnEnd, 1_100))
    const config = { isolation: { atMost: level }, maxStartFailures: 2, ...more }
    mayfly = await startMayfly({ config, hooks: { witness } })
    const task = await mayfly.run({ ...ask, limits })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
    expect(mayfly.counts(task.id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })
  })

  it('no worker is silent before it is told its task, however long the server stood still', async () => {
    const witness = (waypoint: string) => void (waypoint === 'launch.claimed' && standStill(4_000))
    mayfly = await startMayfly({ config: { isolation: { atMost: level } }, hooks: { witness } })
    const task = await mayfly.run({ ...ask, limits: { silenceSeconds: 3 } })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
  })

  it('no worker is late before it is told its task, however long its secrets take', async () => {
    const slow = { command: ['sh', '-c', 'sleep 3; printf "at long last"'] }
    const secrets = { ...defaultSecrets, allow: { default: ['command:slow'] }, commands: { slow } }
    const config = { isolation: { atMost: level }, startDeadlineSeconds: 2, maxStartFailures: 1, secrets }
    mayfly = await startMayfly({ config })
    const input = { command: ['cat', 'secret'], secretFiles: { secret: 'slow' } }
    const task = await mayfly.run({ ...ask, input, secrets: { slow: 'command:slow' } })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
    expect(await mayfly.texts(task.id, 'stdout')).toEqual(['***'])
  })

  it('a worker may be deaf and have a result all the same', async () => {
    await start('deaf')
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded', result: 'unasked' })
  })

  it.each(['never-ready', 'late-ready'])('a task is cancelled while it starts (%s)', async (program) => {
    await start(program)
    const { id } = await mayfly.submit(ask)
    await mayfly.untilType(id, 'task.starting')
    expect((await mayfly.cancel(id)).status).toBe(202)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 1, startedAt: null })
    const types = (await mayfly.events(id)).map(({ type }) => type)
    expect(types).toEqual(['task.queued', 'task.starting', 'task.cancelling', 'task.cancelled'])
    expect(mayfly.leftovers(id)).toEqual({ processes: [], workspaces: [] })
  })
})

describe('a process that cannot be started', () => {
  let mayfly: TestMayfly
  const bin = mkdtempSync(join(tmpdir(), 'mayfly-bin-'))
  const unshare = join(bin, 'unshare')

  afterEach(async () => {
    await mayfly.remove()
    rmSync(bin, { recursive: true })
  })

  it('is the infrastructure’s fault, and all is well once it can be', async () => {
    const found = (process.env.PATH ?? '').split(delimiter)
    const programs = ['setpriv', 'unshare', 'sh', 'true']
    for (const program of programs) symlinkSync(whereIs(program, found), join(bin, program))
    mayfly = await startMayfly({ config: { maxStartFailures: 3, standby: 0 }, environment: { PATH: bin } })
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded', isolation: 1 })

    unlinkSync(unshare)
    const missing = await mayfly.run(ask)
    expect(missing).toMatchObject({ state: 'failed', outcome: 'not_started', attempt: 3 })
    expect(missing.error).toMatchObject({ code: 'NOT_STARTED', message: expect.stringContaining('ENOENT') })
    expect(mayfly.leftovers(missing.id)).toEqual({ processes: [], workspaces: [] })

    const { id } = await mayfly.submit({ ...ask, retry: { backoffSeconds: 0.5 } })
    await mayfly.untilType(id, 'task.requeued')
    symlinkSync(whereIs('unshare', found), unshare)
    expect(await mayfly.settled(id)).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(mayfly.counts(id)).toEqual({ failures: 0, startFailures: 1, losses: 0 })
  })
})

function whereIs(program: string, directories: readonly string[]): string {
  const path = directories.map((directory) => join(directory, program)).find(isThere)
  if (!path) throw new Error(`${program} is nowhere on the PATH`)
  return path
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
