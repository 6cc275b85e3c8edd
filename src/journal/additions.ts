/** What is asked of the journal with a new task, and what it answers where it is not added. */
import type { NewEvent, Task } from '../task/task.ts'
import type { Decided } from './schedules.ts'
import type { SealedValue } from './secrets.ts'

export interface Addition {
  readonly task: Task
  readonly queued: NewEvent
  readonly once?: Once | undefined
  readonly uses?: readonly string[]
  /** Secrets that come with it: deleted with its end. */
  readonly secrets?: readonly SealedValue[]
  /** The tick of a schedule that it is for: added only while that is what is decided, and the schedule moves on with it. */
  readonly decided?: Decided | undefined
}

/** Makes one task of however many additions: within the tenant, the key belongs to the first of them for a while. */
export interface Once {
  readonly key: string
  /** What was asked for, in short: who has the same key and another fingerprint wants another task. */
  readonly fingerprint: string
  /** From then on the key is forgotten. */
  readonly until: number
}

/**
 * What is not added changes nothing, and brings the task that the key belongs to, as it is now. `stale`: the tick that it
 * was for is over, or its schedule was changed; if its time has come a second time, the schedule has moved on.
 */
export type Added =
  | Landed
  | ({ readonly added: false } & Earlier)
  | { readonly added: false; readonly because: 'stale' | Conflict }

/** The ids of tasks of its concurrency key that are to be cancelled for it: their wish is durable with it. */
export interface Landed {
  readonly added: true
  readonly superseded?: readonly string[]
}

/** Its concurrency key is at its limit, or has more tasks than may be cancelled at once. */
export type Conflict = 'full' | 'too many'

/** The task of an earlier addition with this key, as it is now, and whether that asked for the same. */
export interface Earlier {
  readonly earlier: Task
  readonly sameFingerprint: boolean
}
