/**
 * What becomes of a task when an attempt has ended: terminal, or queued again, and what it is charged for it.
 *
 *     succeeded            succeeded
 *     cancel was asked     cancelled, whatever else happened
 *     own fault            the retry policy: queued after a backoff, or failed
 *     never started        the same with a budget of its own: the infrastructure's fault
 *     preempted, stopped   queued in front, nothing counted
 *     lost                 queued in front; counted when nothing explains it, and too many are poison
 *     suspended            queued until its time, or until its children have settled
 *
 * What would end it without success is put off while its kind has a cleanup to run: see `cleanup.ts`.
 */
import type { Verdict } from './classify.ts'
import { cancelled } from './classify.ts'
import { cleanupFirst, cleanupStep } from './cleanup.ts'
import type { Ending } from './endings.ts'
import type { TaskError } from './errors.ts'
import type { JsonObject } from './json.ts'
import type { Awaits, EventType, RetryPolicy, Task } from './task.ts'

export interface SettlePolicy {
  /** Attempts that never started before the task fails. */
  readonly maxStartFailures: number
  /** Losses that nothing explains before the task is poison. */
  readonly maxLosses: number
}

export const defaultSettlePolicy: SettlePolicy = { maxStartFailures: 5, maxLosses: 3 }

export interface Settlement {
  readonly change: Pick<Task, 'state'> & Partial<Task>
  /** What is said before the event: how the cleanup came out. */
  readonly cleanup?: JsonObject
  readonly event: EventType
  readonly data: JsonObject
}

export interface Ended {
  readonly task: Task
  readonly ending: Ending
  readonly verdict: Verdict
  readonly cancelRequested: boolean
  /** Its kind has a cleanup, and there is something to clean up. */
  readonly needsCleanup: boolean
  readonly now: number
  /** 0 ≤ random < 1, for the jitter. */
  readonly random: number
}

export function settlementOf(ended: Ended, policy: SettlePolicy): Settlement {
  if (ended.task.cleaning) return settleCleanup(ended, ended.task.cleaning)
  const settlement = settleRun(ended, policy)
  const { settledAt: _, state, ...change } = settlement.change
  const isPutOff = ended.needsCleanup && (state === 'failed' || state === 'cancelled')
  if (!isPutOff) return settlement
  const data = { ...settlement.data, cause: 'cleanup' }
  return { change: { ...change, ...cleanupFirst(state) }, event: 'task.requeued', data }
}

function settleRun(ended: Ended, policy: SettlePolicy): Settlement {
  const { ending, verdict } = ended
  if (ending.cause === 'result') return succeed(ended, ending.result)
  if (ended.cancelRequested || ending.cause === 'cancel') return cancel(ended)
  switch (ending.cause) {
    case 'preempt':
      return requeue({ cause: 'preempted', reason: ending.reason }, { preemptions: ended.task.preemptions + 1 })
    case 'stop':
      return requeue({ cause: 'stopped', reason: 'the orchestrator was stopped' })
    case 'standby_lost':
      return requeue({ cause: 'not started', reason: 'the worker that stood by for it had ended' })
    case 'lost':
      return settleLoss(ended, ending.explained, policy)
    case 'suspend':
      return suspend(ending.resumeAt, ending.awaits)
    case 'not_started':
      return settleNotStarted(ended, verdict.error as TaskError, policy)
    default:
      return settleFailure(ended, verdict.error as TaskError)
  }
}

function settleCleanup({ task, ending, verdict, now, random }: Ended, state: 'failed' | 'cancelled'): Settlement {
  const step = cleanupStep(task, ending, verdict)
  if (step.do === 'wait') {
    const { awaits, failures, atMostMs } = step
    const notBefore = now + atMostMs
    return {
      change: { state: 'queued', cleanupFailures: failures, notBefore, awaits, front: true },
      event: 'task.suspended',
      data: { ...awaited(awaits), ...until(notBefore) },
    }
  }
  if (step.do === 'again') {
    const { failures, data } = step
    const isCounted = failures > task.cleanupFailures
    const notBefore = isCounted ? now + backoffMs(task.retry, failures, random) : null
    return {
      change: { state: 'queued', cleanupFailures: failures, notBefore, front: true },
      event: 'task.requeued',
      data: { ...data, ...until(notBefore) },
    }
  }
  return {
    change: { state, cleaning: null, settledAt: now },
    cleanup: step.data,
    event: `task.${state}`,
    data: { error: task.error && toJson(task.error), outcome: task.outcome },
  }
}

function suspend(resumeAt: number | null, awaits: Awaits | null): Settlement {
  return again('task.suspended', { notBefore: resumeAt, awaits, front: false }, awaited(awaits))
}

function awaited(awaits: Awaits | null): JsonObject {
  return awaits === null ? {} : { awaits: awaits === 'all' ? 'all children' : `${awaits.length} children` }
}

function succeed({ verdict, now }: Ended, result: Task['result']): Settlement {
  return {
    change: { state: 'succeeded', outcome: verdict.outcome, result, error: null, settledAt: now },
    event: 'task.succeeded',
    data: { result },
  }
}

function cancel({ ending, now }: Ended): Settlement {
  const error = cancelled(ending.cause === 'cancel' ? ending.reason : null)
  return {
    change: { state: 'cancelled', outcome: 'cancelled', error, settledAt: now },
    event: 'task.cancelled',
    data: { error: toJson(error) },
  }
}

function fail({ verdict, now }: Ended, error: TaskError, counted: Partial<Task>): Settlement {
  return {
    change: { ...counted, state: 'failed', outcome: verdict.outcome, error, settledAt: now },
    event: 'task.failed',
    data: { error: toJson(error) },
  }
}

function settleFailure(ended: Ended, error: TaskError): Settlement {
  const { task, now, random } = ended
  const failures = task.failures + 1
  if (!error.retryable || failures >= task.retry.maxAttempts)
    return fail(ended, { ...error, retryable: false }, { failures })
  const notBefore = now + backoffMs(task.retry, failures, random)
  const data = { error: toJson(error), failures, maxAttempts: task.retry.maxAttempts }
  return again('task.retrying', { notBefore, front: false, failures }, data)
}

function settleNotStarted(ended: Ended, error: TaskError, policy: SettlePolicy): Settlement {
  const { task, now, random } = ended
  const startFailures = task.startFailures + 1
  if (startFailures >= policy.maxStartFailures) return fail(ended, { ...error, retryable: false }, { startFailures })
  const notBefore = now + backoffMs(task.retry, startFailures, random)
  return again(
    'task.requeued',
    { notBefore, front: true, startFailures },
    { cause: 'not started', error: toJson(error) },
  )
}

function settleLoss(ended: Ended, explained: boolean, policy: SettlePolicy): Settlement {
  const losses = ended.task.losses + (explained ? 0 : 1)
  if (!explained && losses >= policy.maxLosses) return fail(ended, poison(losses), { losses })
  return requeue({ cause: 'lost', reason: 'the orchestrator ended while it ran', losses }, { losses })
}

function poison(losses: number): TaskError {
  const message = `the orchestrator ended ${losses} times while this task ran: it is not started again`
  return { code: 'POISON', message, retryable: false }
}

function requeue(data: JsonObject, counted: Partial<Task> = {}): Settlement {
  return again('task.requeued', { ...counted, notBefore: null, front: true }, data)
}

function again(event: EventType, change: Partial<Task>, data: JsonObject): Settlement {
  return {
    change: { ...change, state: 'queued', outcome: null },
    event,
    data: { ...data, ...until(change.notBefore ?? null) },
  }
}

function until(notBefore: number | null): JsonObject {
  return notBefore === null ? {} : { notBefore: new Date(notBefore).toISOString() }
}

/** Exponential from the first failure on, capped, the last half of it by chance so that a herd spreads out. */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  const seconds = Math.min(policy.backoffSeconds * 2 ** (failures - 1), policy.maxBackoffSeconds)
  return Math.round(seconds * 1000 * (0.5 + random / 2))
}

function toJson(error: TaskError): JsonObject {
  return { ...error }
}
