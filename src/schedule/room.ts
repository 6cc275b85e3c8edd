import { POOLS, type Pool } from '../task/task.ts'
import type { Policy } from './policy.ts'

/** Which slots one is of: those of the critical pool, or those that all share. */
export type Slot = 'critical' | 'shared'

const sharing: readonly Pool[] = ['normal', 'batch']

/** The slots of this node and its memory: how much is taken, and by whom. */
export class Room {
  #policy: Policy
  /** Slots that are used of the shared ones there are: load and memory decide. */
  #usable: number
  readonly #taken: Record<Slot, number> = { critical: 0, shared: 0 }
  /** Of the shared ones. */
  readonly #takenBy: Record<Pool, number> = { critical: 0, normal: 0, batch: 0 }
  #memoryMiB = 0

  constructor(policy: Policy) {
    this.#policy = policy
    this.#usable = policy.sharedSlots
  }

  /** Where all shared slots were usable, all are; else no more than were. */
  adopt(policy: Policy): void {
    const isWhole = this.#usable === this.#policy.sharedSlots
    this.#policy = policy
    this.resize(isWhole ? policy.sharedSlots : this.#usable)
  }

  /** So many of the shared slots are used from now on; what runs in others ends by itself. */
  resize(usable: number): void {
    this.#usable = Math.max(0, Math.min(usable, this.#policy.sharedSlots))
  }

  get usable(): number {
    return this.#usable
  }

  get memoryMiB(): number {
    return this.#memoryMiB
  }

  get takenShared(): number {
    return this.#taken.shared
  }

  /** The slot that a task of this pool would take next, its own before a shared one. */
  free(pool: Pool): Slot | undefined {
    if (this.freeOwn(pool) > 0) return 'critical'
    return this.freeShared(pool) > 0 ? 'shared' : undefined
  }

  /** Slots that are free and that no other pool can take. */
  freeOwn(pool: Pool): number {
    return pool === 'critical' ? Math.max(0, this.#policy.pools.critical.min - this.#taken.critical) : 0
  }

  /**
   * Shared slots that are free for a pool, as if so many tasks of each had ended: those that others keep for themselves
   * are not. Less than none when fewer are used than are taken.
   */
  freeShared(pool: Pool, ended: Readonly<Partial<Record<Pool, number>>> = {}): number {
    let free = this.#usable - this.#taken.shared
    for (const one of POOLS) free += ended[one] ?? 0
    for (const other of sharing) {
      const taken = this.#takenBy[other] - (ended[other] ?? 0)
      if (other !== pool) free -= Math.max(0, this.#policy.pools[other].min - taken)
    }
    return free
  }

  /**
   * Whether the memory that is left suffices. Who was let in when there was more of it has all for itself: otherwise it
   * would wait for ever, and others behind it.
   */
  fits(memoryMiB: number): boolean {
    return this.#memoryMiB === 0 || this.fitsAfter(memoryMiB, 0)
  }

  /** Whether it would, when so much of it is given back. Nobody ends for one that takes more than there is. */
  fitsAfter(memoryMiB: number, givenBackMiB: number): boolean {
    return this.#memoryMiB - givenBackMiB + memoryMiB <= this.#policy.memoryMiB
  }

  /** Tasks of a pool that its share of so many slots lets run at once. One at least, if it has a share of anything. */
  shareOf(pool: Pool, slots = this.#usable): number {
    const { share, min } = this.#policy.pools[pool]
    const own = pool === 'critical' ? min : 0
    const most = Math.max(Math.floor(share * slots + 1e-9), share > 0 ? Math.min(1, slots) : 0)
    return own + most
  }

  /** How many slots a pool may take, and how many of them are free. */
  of(pool: Pool): { readonly all: number; readonly free: number } {
    const own = pool === 'critical' ? this.#policy.pools.critical.min : 0
    const kept = sharing.reduce((sum, other) => sum + (other === pool ? 0 : this.#policy.pools[other].min), 0)
    return {
      all: own + Math.max(0, this.#usable - kept),
      free: this.freeOwn(pool) + Math.max(0, this.freeShared(pool)),
    }
  }

  take(pool: Pool, slot: Slot, memoryMiB: number): void {
    this.#change(pool, slot, memoryMiB, 1)
  }

  give(pool: Pool, slot: Slot, memoryMiB: number): void {
    this.#change(pool, slot, memoryMiB, -1)
  }

  #change(pool: Pool, slot: Slot, memoryMiB: number, by: 1 | -1): void {
    this.#taken[slot] += by
    if (slot === 'shared') this.#takenBy[pool] += by
    this.#memoryMiB += by * memoryMiB
  }
}
