import type { Slot } from './room.ts'
import type { Waiting } from './waiting.ts'

/** A task that has a slot. Times are milliseconds since 1970. */
export interface Running {
  readonly task: Waiting
  readonly slot: Slot
  readonly startedAt: number
  /** The newest checkpoint of this attempt, from which the next would go on. */
  checkpointAt: number | undefined
  /** Process time that the tenant has paid for in its turn, and in its day, in seconds. */
  paidSeconds: number
  countedSeconds: number
  /** What of that was of days before: it cannot be given back. */
  pastSeconds: number
  /** Since when it is being ended for another, or because its window has closed: once is enough. */
  preemptedAt: number | undefined
}

/**
 * What an attempt's process time was good for: it tells what to expect of others, it counts, only what a checkpoint saved
 * of it does, or nothing ever ran.
 */
export type Use = 'typical' | 'counts' | 'lost' | 'nothing'

export function elapsedSeconds({ startedAt }: Running, now: number): number {
  return Math.max(0, now - startedAt) / 1000
}

/** Since it was asked to make room, in seconds. */
export function endingSeconds({ preemptedAt }: Running, now: number): number {
  return preemptedAt === undefined ? 0 : Math.max(0, now - preemptedAt) / 1000
}

/** What would have to be done again if it were ended now, in seconds. */
export function lostSeconds({ startedAt, checkpointAt }: Running, now: number): number {
  return Math.max(0, now - (checkpointAt ?? startedAt)) / 1000
}
