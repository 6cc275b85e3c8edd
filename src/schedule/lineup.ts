/**
 * Who may start, in which order: per pool a heap of tenants, per tenant a heap of lanes, per lane a heap of tasks.
 *
 * A heap holds only what is open. A tenant or a lane at its limit leaves its heap and returns when a count drops, so
 * that the first task of a pool is always one that may start, and nothing blocked is ever looked at. Which tenant comes
 * first is decided by the comparison of the outer heap alone: there a fairer order has its place.
 */
import { POOLS, type Pool } from '../task/task.ts'
import { type Counts, isNothing, noCounts } from './counts.ts'
import { Heap } from './heap.ts'
import type { Key } from './lane.ts'
import type { Slots } from './slots.ts'
import { byFirst, type Queue, Tenant } from './tenant.ts'
import type { Waiting } from './waiting.ts'

export class Lineup {
  readonly counts: Counts = noCounts()
  readonly #slots: Slots
  readonly #tenants = new Map<string, Tenant>()
  readonly #open: Readonly<Record<Pool, Heap<Queue>>> = {
    critical: new Heap<Queue>(byFirst),
    normal: new Heap<Queue>(byFirst),
    batch: new Heap<Queue>(byFirst),
  }

  constructor(slots: Slots) {
    this.#slots = slots
  }

  /** The task of a pool to start next, as far as the limits of tenants and keys are concerned. */
  first(pool: Pool): Waiting | undefined {
    return this.#open[pool].first?.first
  }

  countsOf(tenant: string): Counts {
    return this.#tenants.get(tenant)?.counts ?? noCounts()
  }

  /** Counts a task that waits; it lines up only when it is due. */
  enter(task: Waiting): void {
    this.#count(task, 'queued', 1)
  }

  lineUp(task: Waiting): void {
    this.#change(task, (key) => key.laneIn(task.pool).tasks.put(task))
  }

  leave(task: Waiting): void {
    this.#count(task, 'queued', -1)
    this.#change(task, (key) => key.lanes[task.pool]?.tasks.delete(task))
  }

  start(task: Waiting): void {
    this.#count(task, 'queued', -1)
    this.#count(task, 'running', 1)
    this.#change(task, (key) => {
      key.lanes[task.pool]?.tasks.delete(task)
      key.running.put(task)
    })
  }

  end(task: Waiting): void {
    this.#count(task, 'running', -1)
    this.#change(task, (key) => key.running.delete(task))
  }

  #count(task: Waiting, what: 'queued' | 'running', by: 1 | -1): void {
    this.counts[task.pool][what] += by
    this.#tenant(task).counts[task.pool][what] += by
  }

  /** Every change concerns one tenant and one key: at most one lane and one queue a pool may open, close or move. */
  #change(task: Waiting, change: (key: Key) => void): void {
    const tenant = this.#tenant(task)
    const key = tenant.keyOf(task)
    change(key)
    for (const pool of POOLS) {
      const queue = tenant.queues[pool]
      const lane = key.lanes[pool]
      const moved = lane !== undefined && seat(queue.lanes, lane, pool === task.pool)
      seat(this.#open[pool], queue, moved)
    }
    if (key.idle) tenant.keys.delete(key.name)
    if (isNothing(tenant.counts)) this.#tenants.delete(tenant.name)
  }

  #tenant(task: Waiting): Tenant {
    const known = this.#tenants.get(task.tenant)
    if (known) return known
    const tenant = new Tenant(task.tenant, this.#slots)
    this.#tenants.set(task.tenant, tenant)
    return tenant
  }
}

/**
 * Puts what is open where it belongs in the heap, and takes out what is not. True when it entered, left or had to move,
 * because its first task may be another now.
 */
function seat<T extends { readonly open: boolean }>(heap: Heap<T>, item: T, moved: boolean): boolean {
  if (!item.open) return heap.delete(item)
  if (!moved && heap.has(item)) return false
  heap.put(item)
  return true
}
