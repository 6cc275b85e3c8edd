import type { Pool } from '../task/task.ts'

export interface Count {
  queued: number
  running: number
}

/** How many tasks are queued, due or not, and how many run, by pool. */
export type Counts = Record<Pool, Count>

export function noCounts(): Counts {
  return {
    critical: { queued: 0, running: 0 },
    normal: { queued: 0, running: 0 },
    batch: { queued: 0, running: 0 },
  }
}

export function runningIn(counts: Counts): number {
  return counts.critical.running + counts.normal.running + counts.batch.running
}

export function isNothing(counts: Counts): boolean {
  return runningIn(counts) + counts.critical.queued + counts.normal.queued + counts.batch.queued === 0
}
