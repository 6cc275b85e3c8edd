import type { TaskRequest } from '../contract/request.ts'
import type { CatchUp, FireOutcome, Overlap } from '../contract/schedule.ts'
import type { State } from '../task/states.ts'
import type { Pool } from '../task/task.ts'
import type { AuditEntry } from './audit.ts'

/** What becomes of its newest ticks is kept, and whatever fired a task that has not settled. */
export const maxFiresPerSchedule = 100

/** When a schedule ticks. Times are milliseconds since 1970, UTC. */
export type Timing =
  | { readonly cron: string; readonly timeZone: string }
  /** Ticks lie at multiples of it after the anchor. */
  | { readonly everyMs: number; readonly anchor: number }
  | { readonly at: number }

/** The rights that the tasks of a schedule have: those of the token that made or last changed it. */
export interface ScheduleOwner {
  readonly tokenId: string
  readonly role: 'admin' | 'tenant'
  readonly pools?: readonly Pool[]
  readonly kinds?: readonly string[]
  readonly mayReadPaths?: boolean
}

/** Where a schedule stands: ticks up to the cursor are over, and it fires next at `nextAt`, unless that is null. */
export interface Standing {
  readonly cursor: number
  readonly nextAt: number | null
}

export interface ScheduleRecord extends Standing {
  /** UUIDv7. */
  readonly id: string
  readonly tenant: string
  /** Of one schedule of the tenant at most. */
  readonly name: string | null
  readonly timing: Timing
  readonly task: TaskRequest
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  readonly jitterMs: number
  readonly paused: boolean
  readonly owner: ScheduleOwner
  readonly createdAt: number
  readonly changedAt: number
  /** One more with every change and every tick: who decided by an older one decided about something else. */
  readonly revision: number
}

/** What became of a tick, or of several that were missed in a row. */
export interface NewFire {
  /** The last of them; null for a run by hand. A tick has one fire at most, however often its time comes. */
  readonly tick: number | null
  readonly at: number
  readonly outcome: FireOutcome
  readonly ticks: number
  readonly code: string | null
  readonly reason: string | null
  /** The token that ran it by hand. */
  readonly by: string | null
}

export interface Fire extends NewFire {
  readonly task: string | null
  /** The task's, as it is now; null when it is gone. */
  readonly state: State | null
}

/** What is decided about a schedule at some revision: it happens only while that is still the newest. */
export interface Decided {
  readonly schedule: string
  readonly revision: number
  readonly standing: Standing
  readonly fire: NewFire | null
  /** Its tasks that are to end for that of this tick: wanted so in the same commit, where they have not settled. */
  readonly replaces?: readonly string[]
}

/** A task that a schedule fired and that has not settled. */
export interface Unsettled {
  readonly id: string
  readonly cancelRequested: boolean
}

export interface ScheduleRoom {
  readonly perTenant: number
  readonly total: number
}

export interface ScheduleQuery {
  readonly tenant: string
  readonly name?: string
  readonly kind?: string
  /** Only those made after this one: where the page before ended. */
  readonly after?: string
  readonly limit: number
}

/**
 * Schedules and what became of their ticks. Each change comes with its entry in the audit log, in one commit. The task of
 * a tick is added with `Addition.decided`, in one commit with the tick's fire.
 */
export interface ScheduleRecords {
  /** With the uploads that its task uses: they stay as long as it does; one that is unknown is refused with INVALID_INPUT. */
  add(
    schedule: ScheduleRecord,
    uses: readonly string[],
    room: ScheduleRoom,
    entry: AuditEntry,
  ): Promise<AddScheduleAnswer>
  /** Replaces the one of `schedule.revision` - 1; `uses` null leaves its uploads as they are. */
  change(schedule: ScheduleRecord, uses: readonly string[] | null, entry: AuditEntry): Promise<ChangeScheduleAnswer>
  /** With its history; false when there was none. */
  remove(tenant: string, id: string, entry: AuditEntry): Promise<boolean>
  get(tenant: string, id: string): Promise<ScheduleRecord | undefined>
  /** Oldest first. Large ones make a page shorter than its limit; one at least is on it. */
  page(query: ScheduleQuery): Promise<{ readonly schedules: readonly ScheduleRecord[]; readonly more: boolean }>
  /** Newest first. */
  history(id: string, limit: number): Promise<readonly Fire[]>
  /** Whatever its tenant; the tasks may have settled since, but none was added that is not among them. */
  standing(
    id: string,
  ): Promise<{ readonly schedule: ScheduleRecord; readonly unsettled: readonly Unsettled[] } | undefined>
  /** Ids of those that fire by then, the earliest first; `after` is the last of the page before. */
  due(by: number, after: DuePlace | null, limit: number): Promise<readonly DuePlace[]>
  /** When the next one fires after this time; null when none does. */
  earliest(after: number): Promise<number | null>
  /** Ids of those that are not paused, in their order. */
  active(after: string, limit: number): Promise<readonly string[]>
  /** Moves a schedule on; false when it had moved or was changed before, and nothing happens. */
  decide(decided: Decided): Promise<boolean>
}

export interface DuePlace {
  readonly id: string
  readonly nextAt: number
}

/** `name taken`: by another one of the tenant. `no tenant`: it was removed. */
export type AddScheduleAnswer = 'added' | 'name taken' | 'too many' | 'too many in all' | 'no tenant'
export type ChangeScheduleAnswer = 'changed' | 'name taken' | 'stale'
