/**
 * Who may start, in which order: per pool a heap of tenants, per tenant a heap of lanes, per lane a heap of
 * strands, one for each kind, and per strand a heap of tasks.
 *
 * A heap holds only what is open. A tenant or a lane at its limit leaves its heap and returns when a count drops,
 * and so does a strand that is paused, so
 * that the first task of a pool is always one that may start, and nothing blocked is ever looked at. Which tenant comes
 * first is decided by the comparison of the outer heap alone: there a fairer order has its place.
 */
import { POOLS, type Pool } from '../task/task.ts'
import { type Counts, isNothing, noCounts } from './counts.ts'
import { Heap } from './heap.ts'
import type { Key } from './lane.ts'
import { byFirst } from './order.ts'
import { type Pause, PauseSet, type Place } from './pause.ts'
import { seat } from './seat.ts'
import type { Slots } from './slots.ts'
import { type Queue, Tenant } from './tenant.ts'
import type { Waiting } from './waiting.ts'

export class Lineup {
  readonly counts: Counts = noCounts()
  readonly #slots: Slots
  readonly #pauses = new PauseSet()
  readonly #limits = new Map<string, number>()
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
    this.#change(task, (key, queue) => {
      queue.due.put(task)
      key.laneIn(task.pool).put(task, () => this.#pauses.covers(placeOf(task)))
    })
  }

  leave(task: Waiting): void {
    this.#count(task, 'queued', -1)
    this.#change(task, (key, queue) => {
      queue.due.delete(task)
      key.lanes[task.pool]?.delete(task)
    })
  }

  start(task: Waiting): void {
    this.#count(task, 'queued', -1)
    this.#count(task, 'running', 1)
    this.#change(task, (key, queue) => {
      queue.due.delete(task)
      key.lanes[task.pool]?.delete(task)
      key.running.put(task)
    })
  }

  end(task: Waiting): void {
    this.#count(task, 'running', -1)
    this.#change(task, (key) => key.running.delete(task))
  }

  /** Leaves out what matches. Looks at lanes, never at their tasks. */
  pause(pause: Pause): void {
    this.#pauses.add(pause)
    this.#review(pause)
  }

  /** False when there is no such pause. */
  resume(id: string): boolean {
    const pause = this.#pauses.delete(id)
    if (pause) this.#review(pause)
    return pause !== undefined
  }

  /** Running tasks of a tenant, all pools together; null for what all others may. */
  limit(name: string, running: number | null): void {
    if (running === null) this.#limits.delete(name)
    else this.#limits.set(name, running)
    const tenant = this.#tenants.get(name)
    if (!tenant) return
    tenant.limit = this.#limitOf(name)
    for (const pool of POOLS) seat(this.#open[pool], tenant.queues[pool], false)
  }

  /** Since when the oldest due task is, of all tenants or of one. */
  oldestDueAt(pool: Pool, name?: string): number | undefined {
    const tenants = name === undefined ? this.#tenants.values() : [this.#tenants.get(name)]
    let oldest: number | undefined
    for (const tenant of tenants) {
      const at = tenant?.queues[pool].oldestDueAt
      if (at !== undefined && !(oldest !== undefined && oldest <= at)) oldest = at
    }
    return oldest
  }

  /** What of each tenant waits and runs, of those that have something that does. */
  tenants(): { readonly tenant: string; readonly counts: Counts }[] {
    return [...this.#tenants.values()].map(({ name, counts }) => ({ tenant: name, counts }))
  }

  #count(task: Waiting, what: 'queued' | 'running', by: 1 | -1): void {
    this.counts[task.pool][what] += by
    this.#tenant(task).counts[task.pool][what] += by
  }

  /** Every change concerns one tenant and one key: at most one lane and one queue a pool may open, close or move. */
  #change(task: Waiting, change: (key: Key, queue: Queue) => void): void {
    const tenant = this.#tenant(task)
    const key = tenant.keyOf(task)
    change(key, tenant.queues[task.pool])
    this.#seat(tenant, key, (pool) => pool === task.pool)
    if (key.idle) tenant.keys.delete(key.name)
    if (isNothing(tenant.counts)) this.#tenants.delete(tenant.name)
  }

  #seat(tenant: Tenant, key: Key, isChanged: (pool: Pool) => boolean): void {
    for (const pool of POOLS) {
      const queue = tenant.queues[pool]
      const lane = key.lanes[pool]
      const moved = lane !== undefined && seat(queue.lanes, lane, isChanged(pool))
      seat(this.#open[pool], queue, moved)
    }
  }

  /** Opens and closes the strands of every lane that a pause, come or gone, may concern. */
  #review(pause: Pause): void {
    const tenants = pause.tenant === null ? [...this.#tenants.values()] : [this.#tenants.get(pause.tenant)]
    for (const tenant of tenants) {
      const keys = pause.key === null ? tenant?.keys.values() : [tenant?.keys.get(pause.key)]
      for (const key of keys ?? []) if (tenant && key) this.#reviewKey(tenant, key)
    }
  }

  #reviewKey(tenant: Tenant, key: Key): void {
    for (const pool of POOLS) {
      const lane = key.lanes[pool]
      for (const strand of lane?.strands.values() ?? []) {
        strand.paused = this.#pauses.covers({ tenant: tenant.name, pool, key: key.name, kind: strand.kind })
        lane?.seat(strand)
      }
    }
    this.#seat(tenant, key, () => true)
  }

  #limitOf(tenant: string): number {
    return this.#limits.get(tenant) ?? this.#slots.tenantRunning
  }

  #tenant(task: Waiting): Tenant {
    const known = this.#tenants.get(task.tenant)
    if (known) return known
    const tenant = new Tenant(task.tenant, this.#slots, this.#limitOf(task.tenant))
    this.#tenants.set(task.tenant, tenant)
    return tenant
  }
}

function placeOf({ tenant, pool, kind, concurrency }: Waiting): Place {
  return { tenant, pool, key: concurrency?.key ?? null, kind }
}
