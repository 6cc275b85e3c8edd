import type { Ending, Exit, Limited, Outcome } from './endings.ts'
import type { TaskError } from './errors.ts'
import { beyond } from './limits.ts'
import { type Bounds, refusalBy, refusalIn, roomRefused } from './refused.ts'

/** What an ending means: the row of the table of outcomes that it falls in. */
export interface Verdict {
  readonly outcome: Outcome
  readonly error: TaskError | null
}

/** What is known once the process has ended and its output is read to the end. */
export interface Remains {
  readonly exit: Exit
  /** The end of what the attempt printed. */
  readonly lastOutput: string
  readonly bounds?: Bounds
}

export function classify(ending: Ending, remains: Remains): Verdict {
  const failed = (outcome: Outcome, code: string, message: string, retryable = true): Verdict => ({
    outcome,
    error: { code, message, ...evidence(remains), retryable },
  })
  switch (ending.cause) {
    case 'result':
      return { outcome: 'succeeded', error: null }
    case 'error':
      return classifyError(ending.error, remains)
    case 'exit':
      return classifyExit(remains, failed)
    case 'broken_frame':
      return failed('crashed', 'CRASHED', `the worker broke the protocol: ${ending.message}`)
    case 'not_started':
      return failed('not_started', 'NOT_STARTED', ending.message)
    case 'secret':
      return failed('not_started', 'SECRET_UNAVAILABLE', ending.message, ending.retryable)
    case 'cancel':
      return { outcome: 'cancelled', error: cancelled(ending.reason) }
    case 'preempt':
      return { outcome: 'preempted', error: null }
    case 'stop':
    case 'lost':
    case 'standby_lost':
      return { outcome: 'interrupted', error: null }
    case 'suspend':
      return { outcome: 'suspended', error: null }
    default:
      return limited(ending, remains)
  }
}

const limitVerdicts: Readonly<Record<Limited['cause'], readonly [Outcome, string]>> = {
  run_time: ['timed_out', 'TIMED_OUT'],
  silence: ['timed_out', 'SILENT'],
  cpu: ['stopped', 'CPU_LIMIT'],
  memory: ['crashed', 'OUT_OF_MEMORY'],
  output: ['stopped', 'OUTPUT_LIMIT'],
  disk: ['stopped', 'DISK_LIMIT'],
  directory: ['stopped', 'DIRECTORY_LIMIT'],
  file_size: ['stopped', 'FILE_SIZE_LIMIT'],
  open_files: ['stopped', 'OPEN_FILES_LIMIT'],
  processes: ['stopped', 'PROCESS_LIMIT'],
}

function limited({ cause, message, details }: Limited, remains: Remains): Verdict {
  const [outcome, code] = limitVerdicts[cause]
  return { outcome, error: { code, message, ...evidence(remains), details, retryable: true } }
}

/** The task's own error, or the limit of the kernel that it failed for. */
function classifyError(error: TaskError, remains: Remains): Verdict {
  const known = { ...output(remains), ...error }
  const { bounds, lastOutput } = remains
  const hit = bounds && (refusalIn(error, bounds, lastOutput) ?? roomRefused(bounds, lastOutput, error))
  if (!hit) return { outcome: error.code === 'OUT_OF_MEMORY' ? 'crashed' : 'failed', error: known }
  const [outcome, code] = limitVerdicts[hit.cause]
  const message = `${hit.message}: ${error.message}`
  return { outcome, error: { ...known, code, message, details: hit.details } }
}

export function cancelled(reason: string | null): TaskError {
  return { code: 'CANCELLED', message: reason ?? 'it was cancelled', retryable: false }
}

export function expired(message: string): TaskError {
  return { code: 'EXPIRED', message, retryable: false }
}

type Failed = (outcome: Outcome, code: string, message: string) => Verdict

function classifyExit(remains: Remains, failed: Failed): Verdict {
  const { exit, lastOutput, bounds } = remains
  if (exit.signal && ranOutOfMemory(lastOutput)) return outOfHeap(remains, failed)
  const refused = exit.signal && bounds && refusalBy(exit.signal, bounds)
  if (refused) return limited(refused, remains)
  if (exit.signal) return failed('crashed', 'CRASHED', `its process was ended by ${exit.signal}`)
  const usedUp = bounds && exit.code !== 0 && roomRefused(bounds, lastOutput)
  if (usedUp) return limited(usedUp, remains)
  if (exit.code !== 0) return failed('crashed', 'CRASHED', `its process exited with code ${exit.code} and no result`)
  return failed('abandoned', 'ABANDONED', 'its process exited without a result')
}

function outOfHeap(remains: Remains, failed: Failed): Verdict {
  const sentence = 'its JavaScript engine reached the memory limit'
  if (!remains.bounds) return failed('crashed', 'OUT_OF_MEMORY', sentence)
  const { limits, peakRssMiB } = remains.bounds
  const reached = Math.max(peakRssMiB, Math.min(heapMiB(remains.lastOutput), limits.memoryMiB))
  const ending = beyond('memoryMiB', reached, limits.memoryMiB)
  return limited({ ...ending, message: `${sentence}: ${ending.message}` }, remains)
}

/** What V8 says of its last collections: looks at a process are too seldom for a heap that is full at once. */
function heapMiB(lastOutput: string): number {
  const collections = lastOutput.matchAll(/Mark-Compact (?:\(\w+\) )?(\d+\.\d) \(/g)
  return Math.max(0, ...Array.from(collections, ([, used]) => Number(used)))
}

/** V8 says so on standard error before it aborts; the signal alone would only tell of a crash. */
function ranOutOfMemory(lastOutput: string): boolean {
  return /^(FATAL ERROR: .*|# Fatal .*)out of memory/m.test(lastOutput)
}

function evidence({ exit, lastOutput }: Remains) {
  return {
    ...(exit.code !== null && { exitCode: exit.code }),
    ...(exit.signal !== null && { signal: exit.signal }),
    ...(lastOutput !== '' && { lastOutput }),
  }
}

function output({ lastOutput }: Remains) {
  return lastOutput === '' ? {} : { lastOutput }
}
