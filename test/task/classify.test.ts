import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/task/classify.ts'
import { type Ending, OUTCOMES } from '../../src/task/endings.ts'
import { defaultLimits } from '../../src/task/limits.ts'

const gone = { exit: { code: null, signal: 'SIGKILL' }, lastOutput: 'bye' } as const

const details = { limit: 'memoryMiB', reached: 2, allowed: 1 }

const rows: readonly (readonly [Ending, string, string | undefined])[] = [
  [{ cause: 'result', result: 1 }, 'succeeded', undefined],
  [{ cause: 'error', error: { code: 'MINE', message: 'm', retryable: true } }, 'failed', 'MINE'],
  [{ cause: 'error', error: { code: 'OUT_OF_MEMORY', message: 'm', retryable: true } }, 'crashed', 'OUT_OF_MEMORY'],
  [{ cause: 'exit' }, 'crashed', 'CRASHED'],
  [{ cause: 'broken_frame', message: 'm' }, 'crashed', 'CRASHED'],
  [{ cause: 'memory', message: 'm', details }, 'crashed', 'OUT_OF_MEMORY'],
  [{ cause: 'run_time', message: 'm', details }, 'timed_out', 'TIMED_OUT'],
  [{ cause: 'silence', message: 'm', details }, 'timed_out', 'SILENT'],
  [{ cause: 'output', message: 'm', details }, 'stopped', 'OUTPUT_LIMIT'],
  [{ cause: 'disk', message: 'm', details }, 'stopped', 'DISK_LIMIT'],
  [{ cause: 'cpu', message: 'm', details }, 'stopped', 'CPU_LIMIT'],
  [{ cause: 'file_size', message: 'm', details }, 'stopped', 'FILE_SIZE_LIMIT'],
  [{ cause: 'open_files', message: 'm', details }, 'stopped', 'OPEN_FILES_LIMIT'],
  [{ cause: 'processes', message: 'm', details }, 'stopped', 'PROCESS_LIMIT'],
  [{ cause: 'not_started', message: 'm' }, 'not_started', 'NOT_STARTED'],
  [{ cause: 'secret', message: 'm', retryable: true }, 'not_started', 'SECRET_UNAVAILABLE'],
  [{ cause: 'cancel', reason: null }, 'cancelled', 'CANCELLED'],
  [{ cause: 'preempt', reason: 'm' }, 'preempted', undefined],
  [{ cause: 'stop' }, 'interrupted', undefined],
  [{ cause: 'lost', explained: true }, 'interrupted', undefined],
  [{ cause: 'suspend', resumeAt: 0, awaits: null }, 'suspended', undefined],
]

describe('an ending is classified', () => {
  it('as one that no retry mends, where a secret will never be had', () => {
    const verdict = classify({ cause: 'secret', message: 'm', retryable: false }, gone)
    expect(verdict.error).toMatchObject({ code: 'SECRET_UNAVAILABLE', retryable: false })
  })

  it.each(rows)('%j', (ending, outcome, code) => {
    const verdict = classify(ending, gone)
    expect([verdict.outcome, verdict.error?.code]).toEqual([outcome, code])
  })

  it.each([
    [{ code: 0, signal: null }, '', 'abandoned', 'ABANDONED'],
    [{ code: 1, signal: null }, '', 'crashed', 'CRASHED'],
    [
      { code: null, signal: 'SIGABRT' },
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
      'crashed',
      'OUT_OF_MEMORY',
    ],
    [{ code: null, signal: 'SIGTRAP' }, '#\n# Fatal process out of memory: Zone\n#', 'crashed', 'OUT_OF_MEMORY'],
    [{ code: 0, signal: null }, 'FATAL ERROR: I only print this: heap out of memory', 'abandoned', 'ABANDONED'],
  ])('by its exit %j after %j', (exit, lastOutput, outcome, code) => {
    const verdict = classify({ cause: 'exit' }, { exit, lastOutput })
    expect([verdict.outcome, verdict.error?.code]).toEqual([outcome, code])
  })

  it.each([
    [{ code: 'EMFILE' }, 'OPEN_FILES_LIMIT', { limit: 'openFiles', reached: 4096, allowed: 4096 }],
    [{ code: 'EFBIG' }, 'FILE_SIZE_LIMIT', { limit: 'fileMiB', reached: 2048, allowed: 2048 }],
    [{ code: 'TASK_FAILED', signal: 'SIGXFSZ' }, 'FILE_SIZE_LIMIT', { limit: 'fileMiB', reached: 2048, allowed: 2048 }],
    [{ code: 'TASK_FAILED', exitCode: 153 }, 'FILE_SIZE_LIMIT', { limit: 'fileMiB', reached: 2048, allowed: 2048 }],
    [{ code: 'EAGAIN' }, 'PROCESS_LIMIT', { limit: 'processes', reached: 512, allowed: 512 }],
  ])('by the limit of the kernel that it failed for: %j', (own, code, details) => {
    const error = { message: 'spawn sh EAGAIN', retryable: true, ...own }
    const bounds = { limits: defaultLimits, areKernels: true, peakRssMiB: 50 }
    expect(classify({ cause: 'error', error }, { ...gone, bounds })).toMatchObject({
      outcome: 'stopped',
      error: { code, message: expect.stringContaining('limit'), details },
    })
    const atLevel0 = classify({ cause: 'error', error }, { ...gone, bounds: { ...bounds, areKernels: false } })
    expect(atLevel0).toMatchObject({ outcome: 'failed', error: own })
  })

  it.each([
    'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nMemoryError\n',
    'dd: memory exhausted by input buffer of size 6442450944 bytes (6.0 GiB)\n',
    'bash: xrealloc: cannot allocate 18446744071562067968 bytes\n',
    'Out of memory!\npanic: fold_constants JMPENV_PUSH returned 2 at -e line 1.\n',
    "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
    'fatal error: runtime: out of memory\n',
    'memory allocation of 8589934592 bytes failed\n',
    'fatal: Out of memory, malloc failed (tried to allocate 9663676417 bytes)\n',
    'sh: 1: Cannot allocate memory\n',
  ])('by the memory that the command was refused: %j', (lastOutput) => {
    const own = { code: 'TASK_FAILED', message: 'the command exited with code 1', exitCode: 1, retryable: true }
    const bounds = { limits: defaultLimits, areKernels: true, peakRssMiB: 50 }
    const codeWith = (said: string, but: object = {}, error = own) =>
      classify({ cause: 'error', error }, { ...gone, lastOutput: said, bounds: { ...bounds, ...but } })
    expect(codeWith(lastOutput)).toMatchObject({
      outcome: 'crashed',
      error: {
        code: 'OUT_OF_MEMORY',
        message: 'it was refused memory beyond its limit of 512 MiB: the command exited with code 1',
        details: { limit: 'memoryMiB', reached: 50, allowed: 512 },
      },
    })
    // Where the kernel held it to nothing, where it went on after that, and where a kind says what was wrong.
    expect(codeWith(lastOutput, { areKernels: false }).error?.code).toBe('TASK_FAILED')
    expect(codeWith(`${lastOutput}${'one more test\n'.repeat(4)}`).error?.code).toBe('TASK_FAILED')
    const { exitCode: _none, ...judged } = own
    expect(codeWith(lastOutput, {}, judged as typeof own).error?.code).toBe('TASK_FAILED')
    const aborted = { ...judged, signal: 'SIGABRT' } as unknown as typeof own
    expect(codeWith(lastOutput, {}, aborted).error?.code).toBe('OUT_OF_MEMORY')
    expect(codeWith(lastOutput, {}, { ...judged, code: 'ENOMEM' } as typeof own).error?.code).toBe('OUT_OF_MEMORY')
  })

  it.each([
    ["OSError: [Errno 24] Too many open files: 'a'\n", 'OPEN_FILES_LIMIT'],
    ['cat: b: Too many open files\n', 'OPEN_FILES_LIMIT'],
    ['OSError: [Errno 27] File too large\n', 'FILE_SIZE_LIMIT'],
    ['cp: error writing large: File too large\n', 'FILE_SIZE_LIMIT'],
    ['sh: 1: Cannot fork\n', 'PROCESS_LIMIT'],
    ['bash: fork: retry: Resource temporarily unavailable\n', 'PROCESS_LIMIT'],
    ['  pid = os.fork()\nBlockingIOError: [Errno 11] Resource temporarily unavailable\n', 'PROCESS_LIMIT'],
    [
      '    self.pid = _fork_exec(\n               ^^^\nBlockingIOError: [Errno 11] Resource temporarily unavailable\n',
      'PROCESS_LIMIT',
    ],
    ["RuntimeError: can't start new thread\n", 'PROCESS_LIMIT'],
    ['java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory\n', 'PROCESS_LIMIT'],
    ['BlockingIOError: [Errno 11] Resource temporarily unavailable\n', 'TASK_FAILED'],
    ['not ok 3 - handles ENOMEM\n# 1 of 3 failed\n', 'TASK_FAILED'],
    ['the other side ran out of memory\n', 'TASK_FAILED'],
    ['see the chapter "Too many open files"\n', 'TASK_FAILED'],
  ])('by what a command was refused, when it says so last: %j', (lastOutput, code) => {
    const error = { code: 'TASK_FAILED', message: 'the command exited with code 1', exitCode: 1, retryable: true }
    const bounds = { limits: defaultLimits, areKernels: true, peakRssMiB: 50 }
    expect(classify({ cause: 'error', error }, { ...gone, lastOutput, bounds }).error?.code).toBe(code)
  })

  it('by the room for files in memory, when it was told that there is none', () => {
    const limits = { ...defaultLimits, workspaceMiB: 8, workspace: 'memory' as const }
    const bounds = { limits, areKernels: true, peakRssMiB: 50, isDiskFull: false }
    const own = { code: 'TASK_FAILED', message: 'tar failed', exitCode: 2, retryable: true }
    const told = [
      { cause: 'error', error: { ...own, code: 'ENOSPC' }, lastOutput: '' },
      { cause: 'error', error: { ...own, message: 'ENOSPC: no space left on device, write' }, lastOutput: '' },
      { cause: 'error', error: own, lastOutput: 'tar: a: Cannot write: No space left on device\n' },
      { cause: 'exit', lastOutput: 'cp: No space left on device\n' },
    ] as const
    for (const { lastOutput, ...ending } of told) {
      const codeWith = (but: Partial<typeof bounds>) =>
        classify(ending, { exit: { code: 1, signal: null }, lastOutput, bounds: { ...bounds, ...but } }).error
      const details = { limit: 'workspaceMiB', reached: 8, allowed: 8 }
      expect(codeWith({})).toMatchObject({ code: 'DISK_LIMIT', details })
      for (const but of [{ isDiskFull: true }, { limits: { ...limits, workspace: 'disk' as const } }]) {
        expect(codeWith(but as Partial<typeof bounds>)?.code).not.toBe('DISK_LIMIT')
      }
    }
  })

  it('with the memory that it had when it ran out of it', () => {
    const bounds = { limits: { ...defaultLimits, memoryMiB: 64 }, areKernels: false, peakRssMiB: 70 }
    const error = { code: 'OUT_OF_MEMORY', message: 'Array buffer allocation failed', retryable: true }
    const details = { limit: 'memoryMiB', reached: 70, allowed: 64 }
    expect(classify({ cause: 'error', error }, { ...gone, bounds })).toMatchObject({
      outcome: 'crashed',
      error: { details },
    })
    const aborted = { exit: { code: null, signal: 'SIGABRT' }, lastOutput: 'FATAL ERROR: heap out of memory', bounds }
    expect(classify({ cause: 'exit' }, aborted)).toMatchObject({ outcome: 'crashed', error: { details } })
  })

  it.each([
    ['Mark-Compact 190.9 (195.4) -> 192.2 (321.4) MB\n', 3.6, 190.9],
    ['Mark-Compact 120.0 (195.4) -> \n Mark-Compact (reduce) 191.5 (195.4) -> \n', 3.6, 191.5],
    ['Mark-Compact 190.9 (195.4) -> \n', 240, 240],
    ['Mark-Compact 99999.9 (1.0) -> \n', 3.6, 256],
  ])('with the heap that V8 says it had, where no look at it saw more: %j', (said, peakRssMiB, reached) => {
    const bounds = { limits: { ...defaultLimits, memoryMiB: 256 }, areKernels: false, peakRssMiB }
    const lastOutput = `[7:0x1] 21 ms: ${said}FATAL ERROR: Reached heap limit - JavaScript heap out of memory`
    expect(classify({ cause: 'exit' }, { exit: { code: null, signal: 'SIGABRT' }, lastOutput, bounds })).toMatchObject({
      error: { code: 'OUT_OF_MEMORY', details: { limit: 'memoryMiB', reached, allowed: 256 } },
    })
  })

  it('with what is known of it: exit or signal, and the last output', () => {
    expect(classify({ cause: 'exit' }, gone).error).toMatchObject({ signal: 'SIGKILL', lastOutput: 'bye' })
    const { error } = classify({ cause: 'exit' }, { exit: { code: 3, signal: null }, lastOutput: '' })
    expect(error).toEqual({ code: 'CRASHED', message: expect.any(String), exitCode: 3, retryable: true })
  })

  it('into one of the outcomes, whatever the remains', () => {
    const remains = fc.record({
      exit: fc.record({ code: fc.option(fc.nat(255)), signal: fc.option(fc.constantFrom('SIGKILL', 'SIGTERM')) }),
      lastOutput: fc.string(),
    })
    fc.assert(
      fc.property(fc.constantFrom(...rows), remains, ([ending], rest) => {
        const { outcome, error } = classify(ending, rest)
        expect(OUTCOMES).toContain(outcome)
        if (ending.cause === 'result') expect(error).toBeNull()
      }),
    )
  })
})
