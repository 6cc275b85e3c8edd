import type { Pool } from '../task/task.ts'

/** How much may run at once: a value, so that a board can be built for any machine. */
export interface Slots {
  /** Slots that only critical tasks use. */
  readonly criticalSlots: number
  /** Slots that every pool uses. */
  readonly sharedSlots: number
  /** Running tasks of a pool; without one, the slots alone are the limit. */
  readonly maxRunning?: Partial<Record<Pool, number>>
  /** Running tasks of one tenant, all pools together. */
  readonly tenantRunning: number
  /** Running tasks of one tenant in one pool. */
  readonly tenantPoolRunning?: Partial<Record<Pool, number>>
}

/** Which slots one is of: those of the critical pool, or those that all share. */
export type Slot = 'critical' | 'shared'

/** The slots that a pool may take, the ones to take first in front. */
const usable: Record<Pool, readonly Slot[]> = {
  critical: ['critical', 'shared'],
  normal: ['shared'],
  batch: ['shared'],
}

/** How many slots of each sort are taken. */
export class Room {
  readonly #capacity: Readonly<Record<Slot, number>>
  readonly #taken: Record<Slot, number> = { critical: 0, shared: 0 }

  constructor(slots: Slots) {
    this.#capacity = { critical: slots.criticalSlots, shared: slots.sharedSlots }
  }

  free(pool: Pool): Slot | undefined {
    return usable[pool].find((slot) => this.#taken[slot] < this.#capacity[slot])
  }

  /** The slots that a pool may take, and how many of them are free. */
  of(pool: Pool): { readonly all: number; readonly free: number } {
    let [all, taken] = [0, 0]
    for (const slot of usable[pool]) {
      all += this.#capacity[slot]
      taken += this.#taken[slot]
    }
    return { all, free: all - taken }
  }

  take(slot: Slot): void {
    this.#taken[slot] += 1
  }

  give(slot: Slot): void {
    this.#taken[slot] -= 1
  }
}
