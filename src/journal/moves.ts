/** The moves of a task as data, one constructor each: whoever decides builds one, and the journal carries it out. */
import type { Artifact } from '../task/artifact.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Verdict } from '../task/classify.ts'
import { cleanupFirst } from '../task/cleanup.ts'
import type { Usage } from '../task/endings.ts'
import type { TaskError } from '../task/errors.ts'
import type { Settlement } from '../task/settlement.ts'
import { ACTIVE } from '../task/states.ts'
import type { Task } from '../task/task.ts'
import type { ProcessIdentity, Waited } from './attempts.ts'
import type { Move } from './journal.ts'

type Fenced = Pick<Task, 'id' | 'attempt'>

/** Why a task starts, as its log tells it. */
export interface WhyStarted {
  readonly reason: string
  /** Since it was due; undefined where that is not known. */
  readonly waitedSeconds: number | undefined
  /** Whom it displaced: ids of its own tenant's tasks, and words for all others. */
  readonly preempted: readonly string[]
  /** For what it waited; null where that is not known. */
  readonly waited: Waited | null
}

/** Who claims a task, and where. */
export interface Claimant {
  readonly why: WhyStarted
  readonly worker: string
  readonly isolation: number
  /** Null when no process could be started: the attempt is recorded all the same. */
  readonly process: ProcessIdentity | null
  readonly node: string
  readonly moduleHash: string | null
}

/** The one commit that makes a queued task this worker's: attempt, worker, process and state together. */
export function claim(
  { id, attempt }: Fenced,
  { worker, isolation, process, node, moduleHash, why }: Claimant,
  at: number,
): Move {
  const { reason, waitedSeconds, preempted, waited } = why
  const displaced = preempted.length > 0 ? { preempted: [...preempted] } : {}
  const data = { worker, isolation, node, moduleHash, reason, ...(waitedSeconds !== undefined && { waitedSeconds }) }
  return {
    task: id,
    from: ['queued'],
    attempt,
    change: { state: 'starting', notBefore: null, awaits: null, front: false, isolation, node },
    events: [{ type: 'task.starting', at, attempt: attempt + 1, data: { ...data, ...displaced } }],
    opens: { worker, isolation, process, at, moduleHash, waited },
    canWait: true,
  }
}

/** An ending is known; the process may still live. */
export function settling({ id, attempt }: Fenced): Move {
  return {
    task: id,
    from: ['starting', 'running'],
    attempt,
    change: { state: 'settling' },
    events: [],
    canLinger: true,
  }
}

/** How an attempt came out, and what it left. */
export interface Remains {
  readonly verdict: Verdict
  /** Null where it was lost before anybody had looked at it. */
  readonly usage: Usage | null
  /** What of it the tenant is charged for. */
  readonly processSeconds?: number
  readonly artifacts: readonly Artifact[]
  /** What the task's log is to say besides. */
  readonly warnings?: readonly string[]
}

/** The attempt is over, with all that it was. */
export function settled(attempt: Attempt, settlement: Settlement, remains: Remains, at: number): Move {
  const { task, number } = attempt
  const { verdict, usage, processSeconds = 0, artifacts, warnings = [] } = remains
  const data = { outcome: verdict.outcome, usage: usage && { ...usage }, ...settlement.data }
  const cleanup =
    settlement.cleanup && ({ type: 'task.cleanup', at, attempt: number, data: settlement.cleanup } as const)
  const kept = artifacts.map(({ name, bytes, sha256, contentType }) => ({ name, bytes, sha256, contentType }))
  return {
    task: task.id,
    from: ACTIVE,
    attempt: number,
    change: settlement.change,
    events: [
      ...warnings.map((text) => ({ type: 'task.log' as const, at, attempt: number, data: toWarning(text) })),
      ...kept.map((artifact) => ({ type: 'task.artifact' as const, at, attempt: number, data: artifact })),
      ...(cleanup ? [cleanup] : []),
      { type: settlement.event, at, attempt: number, data },
    ],
    closes: { ...verdict, usage, at, processSeconds },
    artifacts,
  }
}

function toWarning(text: string) {
  return { stream: 'log', level: 'warn', text }
}

/** Somebody wants a task to end whose attempt is open: durable before it is promised. */
export function cancelWanted({ id, attempt }: Fenced, reason: string | null, at: number): Move {
  return {
    task: id,
    from: ACTIVE,
    attempt,
    change: { cancelRequested: true },
    events: [{ type: 'task.cancelling', at, attempt, data: { reason } }],
  }
}

/** Why an attempt makes room, as its log tells it. */
export interface WhyPreempted {
  readonly reason: string
  /** Who gets the room, for a person to read; null when nobody does. */
  readonly by: string | null
}

/** An attempt ends for another: said after the fact, so that its log says it only where that is so. */
export function preempting({ id, attempt }: Fenced, { reason, by }: WhyPreempted, at: number): Move {
  return {
    task: id,
    from: ACTIVE,
    attempt,
    change: {},
    events: [{ type: 'task.preempting', at, attempt, data: { reason, ...(by !== null && { by }) } }],
  }
}

/** What a queued task is ended for: its cleanup comes first where it `needsCleanup`. */
export interface EndQueued {
  readonly error: TaskError
  readonly at: number
  readonly needsCleanup: boolean
}

export function endQueued(task: Fenced, { error, at, needsCleanup }: EndQueued): Move {
  if (needsCleanup) return cleanQueued(task, error, at)
  const { id, attempt } = task
  return {
    task: id,
    from: ['queued'],
    attempt,
    change: { state: 'cancelled', outcome: 'cancelled', error, settledAt: at },
    events: [{ type: 'task.cancelled', at, attempt, data: { error: { ...error } } }],
  }
}

function cleanQueued({ id, attempt }: Fenced, error: TaskError, at: number): Move {
  const data = { cause: 'cleanup', error: { ...error } }
  return {
    task: id,
    from: ['queued'],
    attempt,
    change: { ...cleanupFirst('cancelled'), outcome: 'cancelled', error },
    events: [
      { type: 'task.cancelling', at, attempt, data: { reason: error.message } },
      { type: 'task.requeued', at, attempt, data },
    ],
  }
}
