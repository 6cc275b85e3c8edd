import type { OnConflict } from './conflict.ts'
import type { Outcome } from './endings.ts'
import type { TaskError } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { State } from './states.ts'

/** The pools in their strict order: the first is served first. */
export const POOLS = ['critical', 'normal', 'batch'] as const

export type Pool = (typeof POOLS)[number]

/** At most `limit` tasks of one tenant that share `key` run at once. */
export interface Concurrency {
  readonly key: string
  readonly limit: number
  /** `queue` when left out. */
  readonly onConflict?: OnConflict
}

export interface RetryPolicy {
  /** Attempts that may fail by the task's own fault, the first included. */
  readonly maxAttempts: number
  readonly backoffSeconds: number
  readonly maxBackoffSeconds: number
}

export interface Limits {
  readonly runSeconds: number
  readonly silenceSeconds: number
  /** Of all its processes together; null: as much as it finds. */
  readonly cpuSeconds: number | null
  readonly memoryMiB: number
  readonly outputMiB: number
  readonly workspaceMiB: number
  /** Of one file; null: as large as all of them may be. */
  readonly fileMiB: number | null
  /** Of one process. */
  readonly openFiles: number
  /** At once, its worker among them. */
  readonly processes: number
  /** Where its files lie; on disk when left out. In memory they count as memory of its. */
  readonly workspace?: 'disk' | 'memory'
}

export interface Progress {
  readonly phase: string
  readonly percent: number | null
  readonly done?: number
  readonly total?: number
  readonly unit?: string
  readonly message?: string
}

/** The children that a suspended task waits for: those that it has, or some of them by id. */
export type Awaits = 'all' | readonly string[]

/** A task as the journal holds it. Times are milliseconds since 1970, UTC. */
export interface Task {
  readonly id: string
  readonly tenant: string
  readonly kind: string
  readonly pool: Pool
  readonly state: State
  /** Number of the newest attempt; 0 before the first. It is the fence of every report. */
  readonly attempt: number
  readonly input: Json
  readonly labels: Readonly<Record<string, string>>
  /** Seconds, within ±3600: the task is ordered as if it had come that much earlier. */
  readonly priority: number
  readonly concurrency: Concurrency | null
  readonly secrets: Readonly<Record<string, string>>
  readonly retry: RetryPolicy
  readonly limits: Limits
  readonly notBefore: number | null
  readonly expiresAt: number | null
  /** Requeued without fault of its own: served before everything else of its tenant in its pool. */
  readonly front: boolean
  /** Attempts counted by the retry policy. */
  readonly failures: number
  /** Attempts that never started, counted apart: the infrastructure's fault. */
  readonly startFailures: number
  /** Attempts lost with the orchestrator and explained by nothing else: too many are poison. */
  readonly losses: number
  /** Attempts that were ended for the sake of another task: too many make it immune. */
  readonly preemptions: number
  readonly cancelRequested: boolean
  readonly checkpoint: Json
  readonly progress: Progress | null
  readonly outcome: Outcome | null
  readonly result: Json
  readonly error: TaskError | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly settledAt: number | null
  readonly lastSeq: number
  /** The task that submitted this one from inside, and under which key: the same key is the same child. */
  readonly parent: string | null
  readonly childKey: string | null
  /** 0 for a task that a client submitted, one more for each parent above. */
  readonly depth: number
  /** The ended task that this one does again. */
  readonly retryOf: string | null
  /** Its debug lines are kept. */
  readonly debug: boolean
  /** Suspended until these of its children have settled. */
  readonly awaits: Awaits | null
  /** Its kind's cleanup is still to run or runs; then it has this state. Its outcome and error are decided already. */
  readonly cleaning: 'failed' | 'cancelled' | null
  /** Cleanups that went wrong. */
  readonly cleanupFailures: number
  /** Isolation level of the newest attempt, null before the first. */
  readonly isolation: number | null
  readonly node: string | null
}

export const EVENT_TYPES = [
  'task.queued',
  'task.starting',
  'task.started',
  'task.progress',
  'task.log',
  'task.checkpoint',
  'task.artifact',
  'task.preempting',
  'task.requeued',
  'task.retrying',
  'task.suspended',
  'task.cancelling',
  'task.cleanup',
  'task.succeeded',
  'task.failed',
  'task.cancelled',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** An event before the journal gave it its place. */
export interface NewEvent {
  readonly type: EventType
  readonly at: number
  readonly attempt: number
  readonly data: JsonObject
}

/** One entry of a task's append-only log; `seq` counts from 1 without holes. */
export interface TaskEvent extends NewEvent {
  readonly task: string
  readonly tenant: string
  readonly seq: number
}
