/**
 * The cleanup that a kind may define: when a task that has begun fails for good or is cancelled, its outcome is decided
 * and stored, the task is queued once more, and one attempt of the cleanup later it has its state. However the cleanup
 * ends, the outcome stays as it was decided. It may wait for children that serve it, for a while; each wait counts like
 * an attempt that went wrong, so that there is an end to them.
 */
import type { Verdict } from './classify.ts'
import type { Ending } from './endings.ts'
import type { TaskError } from './errors.ts'
import type { JsonObject } from './json.ts'
import { wholeLimits } from './limits.ts'
import type { Awaits, Limits, Task } from './task.ts'

/** Cleanups that may go wrong before it is left at that. */
export const maxCleanupFailures = 3

const longestCleanupSeconds = 300

/** Whether anything was begun that a cleanup could undo. */
export function hasBegun({ startedAt }: Pick<Task, 'startedAt'>, ending: Ending, wasReady: boolean): boolean {
  const neverRan = ['not_started', 'standby_lost', 'secret'].includes(ending.cause)
  return startedAt !== null || (wasReady && !neverRan)
}

/** What queues a task whose outcome is decided for its cleanup. */
export function cleanupFirst(state: NonNullable<Task['cleaning']>) {
  return { state: 'queued', cleaning: state, notBefore: null, awaits: null, front: true } as const
}

export function limitsOf({ cleaning, limits: stored }: Pick<Task, 'cleaning' | 'limits'>): Limits {
  const limits = wholeLimits(stored)
  return cleaning ? { ...limits, runSeconds: Math.min(limits.runSeconds, longestCleanupSeconds) } : limits
}

/** What an attempt of a cleanup leads to: the task's end, or another attempt, at once or when children have settled. */
export type CleanupStep =
  | { readonly do: 'wait'; readonly failures: number; readonly awaits: Awaits; readonly atMostMs: number }
  | { readonly do: 'finish'; readonly data: JsonObject }
  | { readonly do: 'again'; readonly failures: number; readonly data: JsonObject }

export function cleanupStep(task: Task, ending: Ending, verdict: Verdict): CleanupStep {
  const uncounted = (cause: string): CleanupStep => ({ do: 'again', failures: task.cleanupFailures, data: { cause } })
  if (ending.cause === 'result') return { do: 'finish', data: { outcome: 'succeeded' } }
  if (ending.cause === 'preempt') return uncounted('preempted')
  if (ending.cause === 'standby_lost') return uncounted('not started')
  if (ending.cause === 'stop') return uncounted('stopped')
  if (ending.cause === 'lost' && ending.explained) return uncounted('lost')
  const failures = task.cleanupFailures + 1
  if (ending.cause === 'suspend' && ending.awaits !== null && failures < maxCleanupFailures)
    return { do: 'wait', failures, awaits: ending.awaits, atMostMs: longestCleanupSeconds * 1_000 }
  const error = verdict.error ?? (ending.cause === 'suspend' ? waited : lost)
  if (error.retryable && failures < maxCleanupFailures)
    return { do: 'again', failures, data: { cause: 'cleanup', error: { ...error } } }
  return { do: 'finish', data: { outcome: verdict.outcome, error: { ...error, retryable: false } } }
}

const waited: TaskError = {
  code: 'ABANDONED',
  message: 'the cleanup wanted to wait for tasks once more than it may',
  retryable: false,
}

const lost: TaskError = {
  code: 'CRASHED',
  message: 'the orchestrator ended while the cleanup ran',
  retryable: true,
}
