/** The moves of a task as data, one constructor each: whoever decides builds one, and the journal carries it out. */
import type { Artifact } from '../task/artifact.ts'
import type { Attempt } from '../task/attempt.ts'
import { cancelled, type Verdict } from '../task/classify.ts'
import type { Usage } from '../task/endings.ts'
import type { TaskError } from '../task/errors.ts'
import type { Settlement } from '../task/settlement.ts'
import { ACTIVE } from '../task/states.ts'
import type { Task } from '../task/task.ts'
import type { Move, ProcessIdentity } from './journal.ts'

type Fenced = Pick<Task, 'id' | 'attempt'>

/** Who claims a task, and where. */
export interface Claimant {
  readonly worker: string
  readonly isolation: number
  /** Null when no process could be started: the attempt is recorded all the same. */
  readonly process: ProcessIdentity | null
  readonly node: string
}

/** The one commit that makes a queued task this worker's: attempt, worker, process and state together. */
export function claim({ id, attempt }: Fenced, { worker, isolation, process, node }: Claimant, at: number): Move {
  return {
    task: id,
    from: ['queued'],
    attempt,
    change: { state: 'starting', notBefore: null, front: false, isolation, node },
    events: [{ type: 'task.starting', at, attempt: attempt + 1, data: { worker, isolation, node } }],
    opens: { worker, isolation, process, at },
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
  readonly usage: Usage
  readonly artifacts: readonly Artifact[]
}

/** The attempt is over, with all that it was. */
export function settled(attempt: Attempt, settlement: Settlement, remains: Remains, at: number): Move {
  const { task, number } = attempt
  const { verdict, usage, artifacts } = remains
  const data = { ...settlement.data, outcome: verdict.outcome, usage: { ...usage } }
  const kept = artifacts.map(({ name, bytes, sha256, contentType }) => ({ name, bytes, sha256, contentType }))
  return {
    task: task.id,
    from: ACTIVE,
    attempt: number,
    change: settlement.change,
    events: [
      ...kept.map((artifact) => ({ type: 'task.artifact' as const, at, attempt: number, data: artifact })),
      { type: settlement.event, at, attempt: number, data },
    ],
    closes: { ...verdict, usage, at },
    artifacts,
  }
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

export function preempting({ id, attempt }: Fenced, reason: string, at: number): Move {
  return {
    task: id,
    from: ACTIVE,
    attempt,
    change: {},
    events: [{ type: 'task.preempting', at, attempt, data: { reason } }],
  }
}

export function cancelQueued(task: Fenced, reason: string | null, at: number): Move {
  return endQueued(task, cancelled(reason), at)
}

export function expireQueued(task: Fenced, message: string, at: number): Move {
  return endQueued(task, { code: 'EXPIRED', message, retryable: false }, at)
}

function endQueued({ id, attempt }: Fenced, error: TaskError, at: number): Move {
  return {
    task: id,
    from: ['queued'],
    attempt,
    change: { state: 'cancelled', outcome: 'cancelled', error, settledAt: at },
    events: [{ type: 'task.cancelled', at, attempt, data: { error: { ...error } } }],
  }
}
