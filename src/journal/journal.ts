import type { Artifact } from '../task/artifact.ts'
import type { State } from '../task/states.ts'
import type { NewEvent, Pool, Task, TaskEvent } from '../task/task.ts'
import type { Added, Addition, Earlier, Once } from './additions.ts'
import type { AttemptRecord, ClosedAttempt, NewAttempt, OpenAttempt } from './attempts.ts'
import type { AuditLog } from './audit.ts'
import type { Cue } from './cue.ts'
import type { Families } from './families.ts'
import type { PauseRecords } from './pauses.ts'
import type { ProcessTime } from './process-time.ts'
import type { Retention } from './retention.ts'
import type { ScheduleRecords } from './schedules.ts'
import type { SecretRecords } from './secrets.ts'
import type { TenantRecords } from './tenants.ts'
import type { TokenRecords } from './tokens.ts'
import type { Uploads } from './uploads.ts'
import type { WaitingTasks } from './waiting.ts'

/**
 * The durable truth. A task is added once, and everything that becomes of it is a move, until retention forgets it; what
 * there is besides tasks has records of its own. What a promise of this interface resolves with is committed and on disk;
 * `onCommit` sees every event right after its commit, in order.
 */
export interface Journal {
  /**
   * Inserts a queued task with its first event; with `once` only where the key does not belong to an earlier one. It
   * keeps the uploads that it `uses` until it ends; one that its tenant does not have is refused with INVALID_INPUT.
   */
  add(task: Task, queued: NewEvent, once?: Once, uses?: readonly string[]): Promise<Added>
  /** The same for several at once, with one commit: each is added, or not, for itself. */
  addAll(additions: readonly Addition[]): readonly Promise<Added>[]
  /** The task that the key belongs to, if it does to any; one that is only on its way is not found. */
  earlier(tenant: string, once: Once): Promise<Earlier | undefined>
  move(move: Move): Promise<Moved>
  /** For one move, which has to be made: there may be no other before that is over. Undefined where there is none to have. */
  cue(bytes: Uint8Array): Cue | undefined
  onCommit(listen: (events: readonly TaskEvent[]) => void): void
  /** Called when the disk is full, at once where it is already, and again when there is space: claims and submissions wait. */
  onFull(listen: (full: boolean) => void): void
  /** Resolves when nothing can be promised any more: the process has to end, and the next one takes up what is on disk. */
  readonly lost: Promise<JournalUnusable>
  /** Bytes of moves that are not on disk yet: what reads from workers must slow down for. */
  backlogBytes(): number
  /** Resolves when the backlog is below the limit up to which reading may go on. */
  belowBacklogLimit(): Promise<void>

  task(tenant: string, id: string): Promise<Task | undefined>
  /** The newest tasks that fit the query. Large ones make a page shorter than its limit; one at least is on it. */
  tasks(query: TaskQuery): Promise<FoundTasks>
  /** Events with `seq` above `after`, in order, fewer than `limit` where they are large but one at least; and the first and last `seq` that there are (0 when there are none). */
  events(task: string, after: number, limit: number): Promise<EventPage>
  /** What an earlier boot left: tasks with an open attempt, and who was running them. */
  open(): Promise<readonly OpenAttempt[]>
  /** Every queued task, for the board at boot: only a page of them is in memory at a time. */
  queued(): AsyncIterable<QueuedTask>
  attempts(task: string): Promise<readonly AttemptRecord[]>
  /** By name. */
  artifacts(task: string): Promise<readonly Artifact[]>

  readonly audit: AuditLog
  readonly families: Families
  readonly secrets: SecretRecords
  readonly uploads: Uploads
  readonly retention: Retention
  readonly tenants: TenantRecords
  readonly tokens: TokenRecords
  readonly pauses: PauseRecords
  readonly schedules: ScheduleRecords
  readonly waiting: WaitingTasks
  readonly processTime: ProcessTime

  /** Notes that a graceful stop began: what is lost from now on is not the tasks' fault. */
  stopping(): Promise<void>
  close(): Promise<void>
}

/** One change of one task, fenced: it happens only when the task is still in one of `from` and at `attempt`. */
export interface Move {
  readonly task: string
  readonly from: readonly State[]
  readonly attempt: number
  readonly change: Partial<Change>
  readonly events: readonly NewEvent[]
  /** The attempt that this move opens: the task's `attempt` becomes one more. */
  readonly opens?: NewAttempt
  /** The task as it was added, of a move that follows at once: it need not be read to be brought. */
  readonly known?: Task | undefined
  /** What is said as soon as it is durable. */
  readonly cue?: Cue | undefined
  /** How the attempt that this move ends came out. */
  readonly closes?: ClosedAttempt
  /** What the attempt that this move ends left to be kept; each replaces an earlier one of its name. */
  readonly artifacts?: readonly Artifact[]
  /** The journal refuses a move that can wait while the disk is full, and holds every other one until there is space. */
  readonly canWait?: boolean
  /** Nobody waits for this move: it may share the commit of a later write, some milliseconds from now. */
  readonly canLinger?: boolean
}

/** The fields that moves change; identity, request and the event counter are not among them. */
export type Change = Pick<
  Task,
  | 'state'
  | 'notBefore'
  | 'front'
  | 'failures'
  | 'startFailures'
  | 'losses'
  | 'preemptions'
  | 'cancelRequested'
  | 'checkpoint'
  | 'progress'
  | 'outcome'
  | 'result'
  | 'error'
  | 'startedAt'
  | 'settledAt'
  | 'awaits'
  | 'cleaning'
  | 'cleanupFailures'
  | 'isolation'
  | 'node'
>

/** A move that found its fence broken changed nothing. */
export type Moved = { readonly moved: false } | Made

export interface Made {
  readonly moved: true
  readonly lastSeq: number
  /** As it is now, of a move that opened an attempt. */
  readonly task?: Task
  /** Its cue was given. */
  readonly cued?: boolean
}

/** What the board needs of a queued task: there may be very many, and all of it is read at each start. */
export type QueuedTask = Pick<Task, (typeof QUEUED_FIELDS)[number]>

export const QUEUED_FIELDS = [
  'id',
  'tenant',
  'kind',
  'pool',
  'attempt',
  'priority',
  'concurrency',
  'limits',
  'notBefore',
  'expiresAt',
  'front',
  'preemptions',
  'cancelRequested',
  'createdAt',
  'startedAt',
  'awaits',
  'cleaning',
] as const satisfies readonly (keyof Task)[]

export interface TaskQuery {
  readonly tenant: string
  readonly state?: State
  readonly kind?: string
  readonly pool?: Pool
  readonly label?: { readonly name: string; readonly value: string }
  /** Only tasks older than this id: where the page before ended. */
  readonly before?: string
  readonly limit: number
}

export interface FoundTasks {
  readonly tasks: readonly Task[]
  /** There are more that fit, older than the last of these. */
  readonly more: boolean
}

export interface EventPage {
  readonly events: readonly TaskEvent[]
  readonly firstSeq: number
  readonly lastSeq: number
}

/** The journal on disk cannot be used as it is, and why: nothing was changed, and the message says what to do. */
export class JournalUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'JournalUnusable'
  }
}
