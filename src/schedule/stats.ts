import type { PoolStats, Stats } from '../contract/stats.ts'
import { POOLS } from '../task/task.ts'
import type { Board } from './board.ts'

/** A page of it, so that it stays one however many tenants there are. */
const mostTenants = 1000

/** What waits and runs, of all tenants or of one. */
export function statsOf(board: Board, node: string, now: number, tenant?: string): Stats {
  const tenants = board.tenants().filter((one) => tenant === undefined || one.tenant === tenant)
  tenants.sort((a, b) => b.busy - a.busy || b.queued - a.queued)
  return { node, pools: poolStats(board, now, tenant), tenants: tenants.slice(0, mostTenants) }
}

/** The pools as they are, with the tasks of all tenants or of one. */
function poolStats(board: Board, now: number, tenant?: string): PoolStats[] {
  const counts = board.counts(tenant)
  return POOLS.map((pool) => {
    const dueAt = board.oldestDueAt(pool, tenant)
    const { queued, running: busy } = counts[pool]
    const oldestWaitSeconds = dueAt === undefined ? null : Math.max(0, now - dueAt) / 1000
    return { pool, ...board.room(pool), busy, queued, oldestWaitSeconds }
  })
}
