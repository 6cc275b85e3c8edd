import type { Arrivals } from './arrivals.ts'
import type { History } from './history.ts'
import type { Lanes } from './lanes.ts'
import type { Lineup } from './lineup.ts'
import type { PauseSet } from './pause.ts'
import type { Policy } from './policy.ts'
import type { Pools } from './pools.ts'
import type { Promises } from './promises.ts'
import type { Room } from './room.ts'
import type { Runners } from './runners.ts'
import type { Tenants } from './tenants.ts'
import type { Waiters } from './waiters.ts'

/** The board as explanations and forecasts look at it: none of them changes it. */
export interface Scene {
  readonly policy: Policy
  readonly lineup: Pick<Lineup, 'counts' | 'kinds' | 'outside' | 'first' | 'timeOf'>
  readonly lanes: Pick<Lanes, 'laneOf' | 'queueOf'>
  readonly pauses: Pick<PauseSet, 'matching'>
  readonly tenants: Pick<Tenants, 'known' | 'all'>
  readonly room: Pick<Room, 'free' | 'freeShared' | 'of' | 'usable' | 'takenShared' | 'shareOf' | 'memoryMiB' | 'fits'>
  readonly waiters: Pick<Waiters, 'get' | 'awaited'>
  readonly runners: Pick<Runners, 'get' | 'all' | 'promised' | 'promisedTo'>
  readonly history: History
  readonly arrivals: Pick<Arrivals, 'rate'>
  readonly pools: Pick<Pools, 'holds' | 'first' | 'mayRunMore'>
  readonly promises: Pick<Promises, 'isWithheld'>
}
