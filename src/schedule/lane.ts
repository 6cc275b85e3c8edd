import type { Pool } from '../task/task.ts'
import { Heap } from './heap.ts'
import { inOrder } from './order.ts'
import type { Waiting } from './waiting.ts'

/** The due tasks of one pool, tenant and concurrency key, in order. */
export class Lane {
  readonly tasks = new Heap<Waiting>(inOrder)
  readonly #key: Key

  constructor(key: Key) {
    this.#key = key
  }

  get first(): Waiting | undefined {
    return this.tasks.first
  }

  /** Whether its first task may start as far as the key is concerned. */
  get open(): boolean {
    return this.first !== undefined && this.#key.admits(this.first)
  }
}

/** A concurrency key of a tenant: its lanes, one a pool, and what runs under it. Tasks without a key share one that admits all. */
export class Key {
  readonly name: string | null
  readonly lanes: Partial<Record<Pool, Lane>> = {}
  /** By limit, the smallest first. */
  readonly running = new Heap<Waiting>((a, b) => limitOf(a) - limitOf(b))

  constructor(name: string | null) {
    this.name = name
  }

  get idle(): boolean {
    return this.running.size === 0 && Object.values(this.lanes).every((lane) => lane.tasks.size === 0)
  }

  /**
   * Tasks may disagree about the limit of their key: then the limits of all that run hold too. A task with a small limit
   * is first in its lane until it may start, so that those with larger ones cannot pass it for ever.
   */
  admits(task: Waiting): boolean {
    const strictest = this.running.first
    if (!strictest) return limitOf(task) > 0
    return this.running.size < Math.min(limitOf(task), limitOf(strictest))
  }

  laneIn(pool: Pool): Lane {
    this.lanes[pool] ??= new Lane(this)
    return this.lanes[pool]
  }
}

function limitOf(task: Waiting): number {
  return task.concurrency?.limit ?? Number.POSITIVE_INFINITY
}
