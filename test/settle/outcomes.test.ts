import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/task/json.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { atLeast } from '../fixtures/figures.ts'
import { outerLevels } from '../fixtures/levels.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

/** How an attempt ends: every row of the table that its own process brings about. */
const rows: readonly { name: string; ask: Ask; ends: object; event: string; outcome: string }[] = [
  {
    name: 'a result',
    ask: { kind: 'succeed', input: { a: [1] } },
    ends: { state: 'succeeded', result: { input: { a: [1] }, attempt: 1 }, error: null },
    event: 'task.succeeded',
    outcome: 'succeeded',
  },
  {
    name: 'a thrown error',
    ask: { kind: 'throw', input: { message: 'no luck' } },
    ends: {
      state: 'failed',
      error: { code: 'TASK_FAILED', message: 'no luck', retryable: false, lastOutput: 'about to throw' },
    },
    event: 'task.failed',
    outcome: 'failed',
  },
  {
    name: 'an error with a code and an exit code of its own',
    ask: { kind: 'throw', input: { message: 'no', properties: { code: 'ORG_LOCKED', exitCode: 4, signal: 'SIGHUP' } } },
    ends: { state: 'failed', error: { code: 'ORG_LOCKED', message: 'no', exitCode: 4, signal: 'SIGHUP' } },
    event: 'task.failed',
    outcome: 'failed',
  },
  {
    name: 'an error whose code is none',
    ask: { kind: 'throw', input: { message: 'no', properties: { code: 'not one', exitCode: 1.5, signal: 9 } } },
    ends: {
      state: 'failed',
      error: { code: 'TASK_FAILED', message: 'no', lastOutput: 'about to throw', retryable: false },
    },
    event: 'task.failed',
    outcome: 'failed',
  },
  {
    name: 'an exit with code 0',
    ask: { kind: 'exit', input: { code: 0 } },
    ends: { state: 'failed', error: { code: 'ABANDONED', exitCode: 0, lastOutput: 'last words' } },
    event: 'task.failed',
    outcome: 'abandoned',
  },
  {
    name: 'an exit with another code',
    ask: { kind: 'exit', input: { code: 42 } },
    ends: { state: 'failed', error: { code: 'CRASHED', exitCode: 42, lastOutput: 'last words' } },
    event: 'task.failed',
    outcome: 'crashed',
  },
  ...['SIGKILL', 'SIGTERM', 'SIGSEGV'].map((signal) => ({
    name: `an end by ${signal}`,
    ask: { kind: 'die', input: { signal } },
    ends: { state: 'failed', error: { code: 'CRASHED', signal, lastOutput: 'last words' } },
    event: 'task.failed',
    outcome: 'crashed',
  })),
  {
    name: 'a full heap',
    ask: { kind: 'heap', limits: { memoryMiB: 256 } },
    ends: {
      state: 'failed',
      error: {
        code: 'OUT_OF_MEMORY',
        signal: expect.stringMatching(/^SIG(ABRT|KILL)$/),
        details: { limit: 'memoryMiB', reached: atLeast(128), allowed: 256 },
      },
    },
    event: 'task.failed',
    outcome: 'crashed',
  },
  {
    name: 'memory outside the heap, taken slowly',
    ask: { kind: 'buffers', input: { pauseMs: 20 }, limits: { memoryMiB: 128 } },
    ends: {
      state: 'failed',
      error: { code: 'OUT_OF_MEMORY', details: { limit: 'memoryMiB', reached: atLeast(128), allowed: 128 } },
    },
    event: 'task.failed',
    outcome: 'crashed',
  },
  {
    name: 'memory that other processes could have too',
    ask: { kind: 'share-memory', input: { mebibytes: 200 }, limits: { memoryMiB: 128 } },
    ends: {
      state: 'failed',
      error: {
        code: 'OUT_OF_MEMORY',
        message: expect.stringMatching(/^it used [\d.]+ MiB of memory, its limit is 128 MiB$/),
      },
    },
    event: 'task.failed',
    outcome: 'crashed',
  },
  {
    name: 'the run time',
    ask: { kind: 'wait', limits: { runSeconds: 0.3 } },
    ends: {
      state: 'failed',
      error: {
        code: 'TIMED_OUT',
        message: 'it ran for 0.3 s, its limit',
        lastOutput: expect.stringContaining('asked: deadline: it ran for 0.3 s'),
        details: { limit: 'runSeconds', reached: atLeast(0.3), allowed: 0.3 },
      },
    },
    event: 'task.failed',
    outcome: 'timed_out',
  },
  {
    name: 'silence',
    ask: { kind: 'wait', limits: { silenceSeconds: 0.3 } },
    ends: {
      state: 'failed',
      error: {
        code: 'SILENT',
        lastOutput: expect.stringContaining('asked: deadline: it was silent for 0.3 s'),
        details: { limit: 'silenceSeconds', reached: atLeast(0.3), allowed: 0.3 },
      },
    },
    event: 'task.failed',
    outcome: 'timed_out',
  },
  {
    name: 'the disk limit',
    ask: { kind: 'fill-disk', limits: { workspaceMiB: 1 } },
    ends: {
      state: 'failed',
      error: {
        code: 'DISK_LIMIT',
        message: expect.stringMatching(/^its files took 1[.\d]* MiB or more, its limit is 1 MiB$/),
        details: { limit: 'workspaceMiB', reached: atLeast(1), allowed: 1 },
      },
    },
    event: 'task.failed',
    outcome: 'stopped',
  },
  {
    name: 'a secret that cannot be resolved',
    ask: { kind: 'succeed', secrets: { token: 'vault:nowhere' } },
    ends: { state: 'failed', error: { code: 'SECRET_UNAVAILABLE', message: expect.stringContaining('vault:nowhere') } },
    event: 'task.failed',
    outcome: 'not_started',
  },
]

describe.each(outerLevels)('an attempt at level %i ends by', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: {
        kinds: [children('common'), children('endings')],
        isolation: { atMost: level },
        sharedSlots: 1,
        askGraceSeconds: 3,
      },
    })
  })

  afterAll(() => mayfly.remove())

  it.each(rows)('$name', async ({ ask, ends, event, outcome }) => {
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ ...ends, outcome, attempt: 1, isolation: level })
    expect(task.settledAt).not.toBeNull()
    const [attempt] = mayfly.attempts(task.id)
    expect(attempt).toMatchObject({ outcome, error: task.error && { ...task.error, retryable: expect.any(Boolean) } })
    const last = (await mayfly.events(task.id)).at(-1)
    expect(last).toMatchObject({ type: event, attempt: 1, data: { outcome, usage: attempt?.usage } })
    await expectAftermath(mayfly, task.id)
  })

  it('memory outside the heap, taken at once', async () => {
    const task = await mayfly.run({ kind: 'buffers', input: { pauseMs: 0 }, limits: { memoryMiB: 64 } })
    expect(task).toMatchObject({ state: 'failed', outcome: 'crashed', error: { code: 'OUT_OF_MEMORY' } })
    await expectAftermath(mayfly, task.id)
  })

  it.runIf(level > 0).each([
    ['memory', 'dd if=/dev/zero of=/dev/null bs=64G count=1', { memoryMiB: 64 }, 'OUT_OF_MEMORY'],
    [
      'open files',
      'i=3; while [ $i -lt 200 ]; do eval "exec $i</dev/null" || exit 1; i=$((i + 1)); done',
      { openFiles: 64 },
      'OPEN_FILES_LIMIT',
    ],
    ['the size of a file', 'trap "" XFSZ; dd if=/dev/zero of=large bs=1M count=4', { fileMiB: 2 }, 'FILE_SIZE_LIMIT'],
  ] as const)('%s of a command, more than the kernel gives', async (_, command, limits, code) => {
    const task = await mayfly.run({ kind: 'exec', input: { command: ['bash', '-c', command] }, limits })
    const [limit, allowed] = Object.entries(limits)[0] ?? []
    expect(task).toMatchObject({ error: { code, exitCode: 1, details: { limit, allowed } } })
    await expectAftermath(mayfly, task.id)
  })

  it.each([undefined, null, 0, 'a string', { code: 'OWN_CODE' }, []])(
    'a thrown %j that is no Error',
    async (value: Json | undefined) => {
      const task = await mayfly.run({ kind: 'throw-value', input: value === undefined ? {} : { value } })
      expect(task).toMatchObject({
        state: 'failed',
        outcome: 'failed',
        error: { message: expect.stringMatching('threw') },
      })
      await expectAftermath(mayfly, task.id)
    },
  )

  it('what it cost is recorded', async () => {
    const { id } = await mayfly.run({ kind: 'wait', limits: { runSeconds: 0.5 } })
    const usage = mayfly.attempts(id)[0]?.usage
    expect(usage?.wallSeconds).toBeGreaterThanOrEqual(0.5)
    expect(usage?.cpuSeconds).toBeGreaterThan(0.01)
    expect(usage?.peakRssMiB).toBeGreaterThan(20)
  })
})
