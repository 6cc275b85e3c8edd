import type { Rule } from '../contract/explanation.ts'
import { POOLS, type Pool } from '../task/task.ts'
import type { Lineup } from './lineup.ts'
import type { Policy } from './policy.ts'
import type { Room, Slot } from './room.ts'
import { Spells } from './spells.ts'
import type { Waiting } from './waiting.ts'

/** What each pool would start next, in which slot, and what keeps it from that. */
export class Pools {
  readonly #lineup: Lineup
  readonly #room: Room
  readonly #holds = new Set<string>()
  /** What held back whole pools. */
  readonly #spells: Readonly<Record<Pool, Spells>> = {
    critical: new Spells(),
    normal: new Spells(),
    batch: new Spells(),
  }
  #policy: Policy

  constructor(policy: Policy, lineup: Lineup, room: Room) {
    this.#policy = policy
    this.#lineup = lineup
    this.#room = room
  }

  adopt(policy: Policy): void {
    this.#policy = policy
  }

  /** Nothing starts while there is a reason to hold; what expires still does. */
  hold(reason: string, now: number): void {
    this.#holds.add(reason)
    for (const pool of POOLS) this.#spells[pool].note('hold', now)
  }

  release(reason: string): void {
    this.#holds.delete(reason)
  }

  /** Why nothing starts at all; empty when tasks may. */
  get holds(): readonly string[] {
    return [...this.#holds]
  }

  /** The task of a pool that would start next if there were a slot. */
  first(pool: Pool): Waiting | undefined {
    return this.#lineup.first(pool, this.#lineup.outside(pool) < this.#room.shareOf(pool))
  }

  /** The slot that a task of this pool would take; none when all are taken or the pool runs as much as it may. */
  freeSlot(pool: Pool): Slot | undefined {
    return this.mayRunMore(pool) ? this.#room.free(pool) : undefined
  }

  /** As far as its maximum says. */
  mayRunMore(pool: Pool): boolean {
    return this.#lineup.counts[pool].running < this.#policy.pools[pool].max
  }

  /** Whether there is memory left for a task. */
  fits(task: Pick<Waiting, 'memoryMiB'>): boolean {
    return this.#room.fits(task.memoryMiB)
  }

  /** A task waits for a slot, or for its pool's share of them, and for nothing else. */
  get areCrowded(): boolean {
    if (this.#holds.size > 0) return false
    return POOLS.some((pool) => {
      const ofAll = this.#room.shareOf(pool, this.#policy.sharedSlots)
      const task = this.mayRunMore(pool) ? this.#lineup.first(pool, this.#lineup.outside(pool) < ofAll) : undefined
      return task !== undefined && this.fits(task) && !(this.first(pool) && this.freeSlot(pool))
    })
  }

  /** Nothing is left to decide: what holds tasks back now does so until something happens. */
  rest(now: number): void {
    for (const pool of POOLS) this.#spells[pool].note(this.#heldBy(pool), now)
  }

  spellsOf(pool: Pool): Spells {
    return this.#spells[pool]
  }

  /** What holds back the first task of a pool, whatever that is; undefined when nothing waits that may start. */
  #heldBy(pool: Pool): Rule | undefined {
    if (this.#holds.size > 0) return 'hold'
    if (this.#lineup.first(pool, true) === undefined) return undefined
    if (!this.mayRunMore(pool)) return 'pool-max'
    const task = this.first(pool)
    // A share of all is bounded by the slots alone.
    if (!task) return this.#policy.pools[pool].share < 1 ? 'pool-share' : 'slots'
    const slot = this.#room.free(pool)
    if (!slot) return 'slots'
    return this.fits(task) ? 'kept' : 'memory'
  }
}
