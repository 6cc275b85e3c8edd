import type { Ending, Exit, Limited, Outcome } from './endings.ts'
import type { TaskError } from './errors.ts'
import { beyond, fileMiBOf } from './limits.ts'
import type { Limits } from './task.ts'

/** What an ending means: the row of the table of outcomes that it falls in. */
export interface Verdict {
  readonly outcome: Outcome
  readonly error: TaskError | null
}

/** What the attempt was held to, and what it used of memory. */
interface Bounds {
  readonly limits: Limits
  /** The kernel held it to those limits that it can. */
  readonly areKernels: boolean
  readonly peakRssMiB: number
  /** The disk of the machine has no room: whoever found none need not have used up his own. */
  readonly isDiskFull?: boolean
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
  const hit = remains.bounds && (limitOfError(error, remains.bounds) ?? memoryUsedUp(remains, error))
  if (!hit) return { outcome: error.code === 'OUT_OF_MEMORY' ? 'crashed' : 'failed', error: known }
  const [outcome, code] = limitVerdicts[hit.cause]
  const message = `${hit.message}: ${error.message}`
  return { outcome, error: { ...known, code, message, details: hit.details } }
}

/** Codes of errors and signals that say which limit the kernel held it to; a shell passes signal n on as 128 + n. */
function limitOfError({ code, message, signal, exitCode }: TaskError, bounds: Bounds): Limited | undefined {
  const { limits, areKernels, peakRssMiB } = bounds
  if (code === 'OUT_OF_MEMORY') return beyond('memoryMiB', peakRssMiB, limits.memoryMiB)
  if (!areKernels) return undefined
  if (code === 'EMFILE') return beyond('openFiles', limits.openFiles, limits.openFiles)
  const isTooLarge = code === 'EFBIG' || signal === 'SIGXFSZ' || exitCode === 128 + fileSizeSignal
  if (isTooLarge) return beyond('fileMiB', fileMiBOf(limits), fileMiBOf(limits))
  const isRefused = code === 'EAGAIN' && /^spawn\b/.test(message)
  return isRefused ? beyond('processes', limits.processes, limits.processes) : undefined
}

/** Files in memory have so much of it and no more: whoever wanted more was told that there is no space. */
function memoryUsedUp({ bounds, lastOutput }: Remains, error?: TaskError): Limited | undefined {
  if (bounds?.limits.workspace !== 'memory' || bounds.isDiskFull) return undefined
  const said = [error?.code ?? '', error?.message ?? '', lastOutput]
  if (!said.some((text) => /\bENOSPC\b|No space left on device/.test(text))) return undefined
  const { workspaceMiB } = bounds.limits
  return beyond('workspaceMiB', workspaceMiB, workspaceMiB)
}

/** SIGXFSZ on Linux. */
const fileSizeSignal = 25

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
  if (exit.signal === 'SIGXFSZ' && bounds?.areKernels) {
    const most = fileMiBOf(bounds.limits)
    return limited(beyond('fileMiB', most, most), remains)
  }
  if (exit.signal) return failed('crashed', 'CRASHED', `its process was ended by ${exit.signal}`)
  const usedUp = exit.code === 0 ? undefined : memoryUsedUp(remains)
  if (usedUp) return limited(usedUp, remains)
  if (exit.code !== 0) return failed('crashed', 'CRASHED', `its process exited with code ${exit.code} and no result`)
  return failed('abandoned', 'ABANDONED', 'its process exited without a result')
}

function outOfHeap(remains: Remains, failed: Failed): Verdict {
  const sentence = 'its JavaScript engine reached the memory limit'
  if (!remains.bounds) return failed('crashed', 'OUT_OF_MEMORY', sentence)
  const { limits, peakRssMiB } = remains.bounds
  const ending = beyond('memoryMiB', peakRssMiB, limits.memoryMiB)
  return limited({ ...ending, message: `${sentence}: ${ending.message}` }, remains)
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
