import { toMoment } from '../contract/present.ts'
import type { PoolStats, Stats } from '../contract/stats.ts'
import { POOLS, type Pool } from '../task/task.ts'
import type { Board } from './board.ts'
import type { Change } from './scaling.ts'

/** A page of it, so that it stays one however many tenants there are. */
const mostTenants = 1000

/** What only others know. */
export interface Surroundings {
  readonly node: string
  readonly now: number
  /** How many workers wait for a pool. */
  readonly standby: (pool: Pool) => number
  /** Of the number of shared slots that are used, the latest first. */
  readonly changes: readonly Change[]
}

/** What waits and runs, of all tenants or of one. */
export function statsOf(board: Board, { node, now, standby, changes }: Surroundings, tenant?: string): Stats {
  const tenants = board.figures.tenants().filter((one) => tenant === undefined || one.tenant === tenant)
  tenants.sort((a, b) => b.busy - a.busy || b.queued - a.queued || (a.tenant < b.tenant ? -1 : 1))
  const pools = poolStats(board, now, tenant).map((one) => ({ ...one, standby: standby(one.pool) }))
  const { most, usable } = board.sharedSlots
  const scaling = { most, usable, changes: changes.map(({ at, ...change }) => ({ at: toMoment(at), ...change })) }
  return {
    node,
    pools,
    scaling,
    tenants: tenants
      .slice(0, mostTenants)
      .map((one) => ({ ...one, processTime: board.day.processTimeOf(one.tenant, now) })),
  }
}

/** The pools as they are, with the tasks of all tenants or of one. */
function poolStats(board: Board, now: number, tenant?: string): Omit<PoolStats, 'standby'>[] {
  const counts = board.figures.counts(tenant)
  return POOLS.map((pool) => {
    const dueAt = board.figures.oldestDueAt(pool, tenant)
    const { queued, running: busy } = counts[pool]
    const oldestWaitSeconds = dueAt === undefined ? null : Math.max(0, now - dueAt) / 1000
    return { pool, ...board.figures.room(pool), busy, queued, oldestWaitSeconds }
  })
}
