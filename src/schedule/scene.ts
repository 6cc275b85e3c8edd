import type { Arrivals } from './arrivals.ts'
import type { History } from './history.ts'
import type { Lineup } from './lineup.ts'
import type { Policy } from './policy.ts'
import type { Room, Slot } from './room.ts'
import type { Runners } from './runners.ts'
import type { Waiters } from './waiters.ts'
import type { Waiting } from './waiting.ts'

/** The board as explanations and forecasts look at it: none of them changes it. */
export interface Scene {
  readonly policy: Policy
  readonly holds: readonly string[]
  readonly lineup: Pick<
    Lineup,
    'counts' | 'kinds' | 'known' | 'tenants' | 'outside' | 'first' | 'laneOf' | 'pausesOf' | 'timeOf'
  >
  readonly room: Pick<Room, 'free' | 'freeShared' | 'of' | 'usable' | 'takenShared' | 'shareOf' | 'memoryMiB' | 'fits'>
  readonly waiters: Pick<Waiters, 'get' | 'awaited'>
  readonly runners: Pick<Runners, 'get' | 'all' | 'promised' | 'promisedTo'>
  readonly history: History
  readonly arrivals: Pick<Arrivals, 'rate'>
  /** Whether a pool may run one more, as far as its maximum says. */
  readonly mayRunMore: (task: Pick<Waiting, 'pool'>) => boolean
  /** The task of a pool that would start next if there were a slot. */
  readonly first: (task: Pick<Waiting, 'pool'>) => Waiting | undefined
  /** A slot is kept for a task for which others were ended. */
  readonly isWithheld: (slot: Slot) => boolean
}
