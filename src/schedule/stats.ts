import type { PoolStats, Stats } from '../contract/stats.ts'
import { POOLS, type Pool } from '../task/task.ts'
import type { Board } from './board.ts'

/** A page of it, so that it stays one however many tenants there are. */
const mostTenants = 1000

/** What waits and runs, of all tenants or of one; `standby` tells how many workers wait for a pool. */
export function statsOf(
  board: Board,
  { node, now, standby }: { node: string; now: number; standby: (pool: Pool) => number },
  tenant?: string,
): Stats {
  const tenants = board.tenants().filter((one) => tenant === undefined || one.tenant === tenant)
  tenants.sort((a, b) => b.busy - a.busy || b.queued - a.queued)
  const pools = poolStats(board, now, tenant).map((one) => ({ ...one, standby: standby(one.pool) }))
  return { node, pools, tenants: tenants.slice(0, mostTenants) }
}

/** The pools as they are, with the tasks of all tenants or of one. */
function poolStats(board: Board, now: number, tenant?: string): Omit<PoolStats, 'standby'>[] {
  const counts = board.counts(tenant)
  return POOLS.map((pool) => {
    const dueAt = board.oldestDueAt(pool, tenant)
    const { queued, running: busy } = counts[pool]
    const oldestWaitSeconds = dueAt === undefined ? null : Math.max(0, now - dueAt) / 1000
    return { pool, ...board.room(pool), busy, queued, oldestWaitSeconds }
  })
}
