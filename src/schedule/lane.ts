import type { Pool } from '../task/task.ts'
import { Heap } from './heap.ts'
import { byFirst, inOrder } from './order.ts'
import { seat } from './seat.ts'
import type { Waiting } from './waiting.ts'

/** The due tasks of one kind in a lane, in order: a pause covers all of them or none. */
export class Strand {
  readonly tasks = new Heap<Waiting>(inOrder)
  readonly kind: string
  paused: boolean

  constructor(kind: string, paused: boolean) {
    this.kind = kind
    this.paused = paused
  }

  get first(): Waiting | undefined {
    return this.tasks.first
  }

  get open(): boolean {
    return !this.paused && this.tasks.size > 0
  }
}

/** The due tasks of one pool, tenant and concurrency key, in order; to those that are paused it is as if they were not there. */
export class Lane {
  readonly strands = new Map<string, Strand>()
  readonly #key: Key
  readonly #open = new Heap<Strand>(byFirst)

  constructor(key: Key) {
    this.#key = key
  }

  get first(): Waiting | undefined {
    return this.#open.first?.first
  }

  /** Whether its first task may start as far as the key is concerned. */
  get open(): boolean {
    return this.first !== undefined && this.#key.admits(this.first)
  }

  put(task: Waiting, isPaused: () => boolean): void {
    const strand = this.strands.get(task.kind) ?? new Strand(task.kind, isPaused())
    this.strands.set(task.kind, strand)
    strand.tasks.put(task)
    this.seat(strand)
  }

  delete(task: Waiting): void {
    const strand = this.strands.get(task.kind)
    if (!strand?.tasks.delete(task)) return
    this.seat(strand)
    if (strand.tasks.size === 0) this.strands.delete(task.kind)
  }

  /** Puts a strand that has changed where it belongs. */
  seat(strand: Strand): void {
    seat(this.#open, strand, true)
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
    return this.running.size === 0 && Object.values(this.lanes).every((lane) => lane.strands.size === 0)
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
