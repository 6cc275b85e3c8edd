import type { Ending, Exit, Outcome } from './endings.ts'
import type { TaskError } from './errors.ts'

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
      return {
        outcome: ending.error.code === 'OUT_OF_MEMORY' ? 'crashed' : 'failed',
        error: { ...output(remains), ...ending.error },
      }
    case 'exit':
      return classifyExit(remains, failed)
    case 'broken_frame':
      return failed('crashed', 'CRASHED', `the worker broke the protocol: ${ending.message}`)
    case 'memory':
      return failed('crashed', 'OUT_OF_MEMORY', ending.message)
    case 'run_time':
      return failed('timed_out', 'TIMED_OUT', ending.message)
    case 'silence':
      return failed('timed_out', 'SILENT', ending.message)
    case 'output':
      return failed('stopped', 'OUTPUT_LIMIT', ending.message)
    case 'disk':
      return failed('stopped', 'DISK_LIMIT', ending.message)
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
  }
}

export function cancelled(reason: string | null): TaskError {
  return { code: 'CANCELLED', message: reason ?? 'it was cancelled', retryable: false }
}

export function expired(message: string): TaskError {
  return { code: 'EXPIRED', message, retryable: false }
}

type Failed = (outcome: Outcome, code: string, message: string) => Verdict

function classifyExit({ exit, lastOutput }: Remains, failed: Failed): Verdict {
  if (exit.signal && ranOutOfMemory(lastOutput))
    return failed('crashed', 'OUT_OF_MEMORY', 'its JavaScript engine reached the memory limit')
  if (exit.signal) return failed('crashed', 'CRASHED', `its process was ended by ${exit.signal}`)
  if (exit.code !== 0) return failed('crashed', 'CRASHED', `its process exited with code ${exit.code} and no result`)
  return failed('abandoned', 'ABANDONED', 'its process exited without a result')
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
