import type { Pool } from '../task/task.ts'
import type { QueuedTask } from './journal.ts'

/** Where tasks stand behind each other: those of one tenant, pool, kind and concurrency key. */
export interface LanePlace {
  readonly tenant: string
  readonly pool: Pool
  readonly kind: string
  readonly key: string | null
}

/** A task's place in the order of its lane: `front` first, then by `turnAt`, its age and its id. */
export interface LaneMark {
  readonly front: boolean
  /** When it became due, moved by its priority: milliseconds since 1970. */
  readonly turnAt: number
  readonly createdAt: number
  readonly id: string
}

/** What stands in a lane between two places, but for these. */
export interface LaneStretch {
  readonly lane: LanePlace
  readonly after: LaneMark
  readonly before: LaneMark
  readonly without: readonly string[]
}

/** How long an attempt took that came to its own end. */
export interface Took {
  readonly kind: string
  readonly seconds: number
}

/** A task's place in the order of a time: milliseconds since 1970. */
export interface TimeMark {
  readonly at: number
  readonly id: string
}

/** The queued tasks that come after a place in an order: what of the board stays in the journal until its turn is near. */
export interface WaitingTasks {
  /** Of a lane, those that are due now. */
  inLane(lane: LanePlace, after: LaneMark, now: number, limit: number): Promise<readonly QueuedTask[]>
  /** Those that wait for nothing but a time, in the order of that. */
  later(after: TimeMark, limit: number): Promise<readonly QueuedTask[]>
  /** How many that are due now stand in each of these, and in all no more than `most`. */
  between(stretches: readonly LaneStretch[], now: number, most: number): Promise<readonly number[]>
  /** How long the newest attempts of the newest tasks took, the oldest first; it looks at no more than `most`. */
  took(most: number): Promise<readonly Took[]>
  /** Those that expire, in the order in which they do. */
  expiring(after: TimeMark, limit: number): Promise<readonly QueuedTask[]>
}
