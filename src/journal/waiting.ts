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
  /** Those that expire, in the order in which they do. */
  expiring(after: TimeMark, limit: number): Promise<readonly QueuedTask[]>
}
