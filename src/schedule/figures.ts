/** The figures of a board, for people and for admission: what waits and runs, and how much may. Nothing here changes it. */
import { POOLS, type Pool } from '../task/task.ts'
import { type Counts, isNothing, runningIn } from './counts.ts'
import type { Lineup } from './lineup.ts'
import { noLimit, type Policy } from './policy.ts'
import type { Room } from './room.ts'
import type { Runners } from './runners.ts'
import type { Tenants } from './tenants.ts'

export interface FiguresDeps {
  readonly lineup: Pick<Lineup, 'counts'>
  readonly tenants: Pick<Tenants, 'all' | 'known' | 'countsOf'>
  readonly room: Pick<Room, 'of'>
  readonly runners: Pick<Runners, 'allPromised'>
  readonly policy: () => Policy
}

export class Figures {
  readonly #board: FiguresDeps

  constructor(board: FiguresDeps) {
    this.#board = board
  }

  /** How many tasks of a pool may run at once, and how many could start now. */
  room(pool: Pool): { readonly slots: number; readonly free: number } {
    const { max } = this.#board.policy().pools[pool]
    const { all, free } = this.#board.room.of(pool)
    const left = Math.max(0, max - this.#board.lineup.counts[pool].running)
    return { slots: Math.min(all, max), free: Math.min(free, left) }
  }

  /** Queued and running tasks by pool, of all tenants or of one: a copy. Whoever is promised a slot is queued still. */
  counts(tenant?: string): Counts {
    const counts = structuredClone(
      tenant === undefined ? this.#board.lineup.counts : this.#board.tenants.countsOf(tenant),
    )
    for (const pool of POOLS) {
      const promised = this.#board.runners.allPromised(tenant, pool).length
      counts[pool].running -= promised
      counts[pool].queued += promised
    }
    return counts
  }

  /** Queued tasks of a tenant in a pool, due or not, without a copy of the other figures. */
  queuedOf(tenant: string, pool?: Pool): number {
    const counts = this.#board.tenants.countsOf(tenant)
    const promised = this.#board.runners.allPromised(tenant, pool).length
    if (pool) return counts[pool].queued + promised
    return counts.critical.queued + counts.normal.queued + counts.batch.queued + promised
  }

  /** Since when the oldest due task of a pool is, of all tenants or of one, as far as it is in memory. */
  oldestDueAt(pool: Pool, tenant?: string): number | undefined {
    const promised = this.#board.runners
      .allPromised(tenant, pool)
      .map(({ notBefore, createdAt }) => notBefore ?? createdAt)
    const oldest = Math.min(this.#oldestInLine(pool, tenant) ?? noLimit, ...promised)
    return oldest === noLimit ? undefined : oldest
  }

  /** What each tenant has queued and running, of those that have something. */
  tenants(): { readonly tenant: string; readonly queued: number; readonly busy: number }[] {
    const known = [...this.#board.tenants.all()].filter(({ counts }) => !isNothing(counts))
    return known.map(({ name, counts }) => {
      const busy = runningIn(counts) - this.#board.runners.allPromised(name).length
      return { tenant: name, queued: this.queuedOf(name), busy }
    })
  }

  #oldestInLine(pool: Pool, name?: string): number | undefined {
    const { tenants } = this.#board
    let oldest: number | undefined
    for (const tenant of name === undefined ? tenants.all() : [tenants.known(name)]) {
      for (const queue of tenant?.queues ?? []) {
        const at = queue.pool === pool ? queue.oldestDueAt : undefined
        if (at !== undefined && !(oldest !== undefined && oldest <= at)) oldest = at
      }
    }
    return oldest
  }
}
