/** How often tasks come: what is to be expected while others wait. */
import type { Pool } from '../task/task.ts'
import type { Waiting } from './waiting.ts'

/** Per pool: the newest say most about the next. */
const remembered = 128
/** A rate is one over no less time than this, so that what came at once is not taken for what always comes. */
const leastSpanSeconds = 10

export interface Arrival {
  readonly tenant: string
  readonly kind: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Tasks a second, and what they were like. */
export interface Rate {
  readonly perSecond: number
  readonly recent: readonly Arrival[]
}

export class Arrivals {
  readonly #pools: Readonly<Record<Pool, Ring>> = { critical: newRing(), normal: newRing(), batch: newRing() }

  /** One that comes for the first time. */
  add({ tenant, kind, pool, attempt, createdAt: at }: Waiting): void {
    if (attempt > 0) return
    const ring = this.#pools[pool]
    ring.items[ring.next] = { tenant, kind, at }
    ring.next = (ring.next + 1) % remembered
  }

  rate(pool: Pool, now: number): Rate {
    const { items } = this.#pools[pool]
    const oldest = items.reduce((least, { at }) => Math.min(least, at), now)
    return { perSecond: items.length / Math.max(leastSpanSeconds, (now - oldest) / 1000), recent: items }
  }
}

interface Ring {
  readonly items: Arrival[]
  next: number
}

function newRing(): Ring {
  return { items: [], next: 0 }
}
