/** Attempts as the journal keeps them: who runs one, for what it waited, and how it ended. */
import type { Rule } from '../contract/explanation.ts'
import type { Outcome, Usage } from '../task/endings.ts'
import type { TaskError } from '../task/errors.ts'
import type { Task } from '../task/task.ts'

/** Who runs an attempt, in terms that a later boot can still check. */
export interface ProcessIdentity {
  readonly pid: number
  /** Start time in clock ticks since boot, as /proc/PID/stat has it; 0 where there is no /proc. */
  readonly startTicks: number
  readonly bootId: string
}

/** For how long a rule held a task back; `unknown` is what the server cannot tell any more. */
export interface HeldFor {
  readonly rule: Rule | 'unknown'
  readonly seconds: number
}

/** For what an attempt waited since it was due, in milliseconds since 1970: the longest first, each rule once. */
export interface Waited {
  readonly dueAt: number
  readonly rules: readonly HeldFor[]
}

export interface NewAttempt {
  readonly worker: string
  readonly isolation: number
  /** Null when no process could be started. */
  readonly process: ProcessIdentity | null
  readonly at: number
  /** SHA-256 of the kind's module as it was then, in hex; null when it could not be read. */
  readonly moduleHash: string | null
  /** Null where it is not known. */
  readonly waited?: Waited | null
}

export interface ClosedAttempt {
  readonly outcome: Outcome
  readonly error: TaskError | null
  /** Null where it was lost before anybody had looked at it. */
  readonly usage: Usage | null
  readonly at: number
  /** What counts against its tenant's day: nothing when it is left out. */
  readonly processSeconds?: number
}

export interface OpenAttempt {
  readonly task: Task
  readonly worker: string
  readonly process: ProcessIdentity | null
  /** A checkpoint was saved by this very attempt. */
  readonly checkpointed: boolean
  /** A graceful stop had begun before the orchestrator died. */
  readonly stopping: boolean
}

export interface AttemptRecord {
  readonly number: number
  readonly worker: string
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: Outcome | null
  readonly error: TaskError | null
  readonly usage: Usage | null
  readonly isolation: number
  readonly moduleHash: string | null
  readonly waited: Waited | null
}
