import type { Gates } from './gates.ts'
import type { HeadSize } from './head.ts'
import { Lane } from './lane.ts'
import type { PauseSet } from './pause.ts'
import { Queue } from './queue.ts'
import type { Tenant } from './tenant.ts'
import type { Tenants } from './tenants.ts'
import type { Waiting } from './waiting.ts'

/** The queues and lanes that tasks stand in: made for the first that comes, given up behind the last. */
export class Lanes {
  readonly #tenants: Tenants
  readonly #gates: Gates
  readonly #pauses: PauseSet
  readonly #size: HeadSize

  constructor(tenants: Tenants, gates: Gates, pauses: PauseSet, size: HeadSize) {
    this.#tenants = tenants
    this.#gates = gates
    this.#pauses = pauses
    this.#size = size
  }

  /** The queue that a task stands in or would, waiting or running, if there is one. */
  queueOf({ tenant, pool, kind }: Waiting): Queue | undefined {
    return this.#tenants.known(tenant)?.queueOf(pool, kind)
  }

  /** The lane that a task stands in or would, if there is one. */
  laneOf({ tenant, pool, kind, concurrency }: Waiting): Lane | undefined {
    const owner = this.#tenants.known(tenant)
    const key = owner?.keys.get(concurrency?.key ?? null)
    return key && owner?.queueOf(pool, kind)?.lanes.get(key)
  }

  queueFor(tenant: Tenant, { pool, kind }: Waiting, now: number): Queue {
    const known = tenant.queueOf(pool, kind)
    if (known) return known
    const queue = new Queue(tenant, pool, kind)
    queue.pass(this.#gates.of(queue, now))
    tenant.queues.add(queue)
    return queue
  }

  laneFor(task: Waiting, now: number): Lane {
    const tenant = this.#tenants.of(task.tenant)
    const queue = this.queueFor(tenant, task, now)
    const key = tenant.keyOf(task)
    const known = queue.lanes.get(key)
    if (known) return known
    const lane = new Lane(queue, key, this.#size)
    lane.isPaused = this.#pauses.covers(lane.place)
    queue.lanes.set(key, lane)
    key.lanes.add(lane)
    return lane
  }

  /** One without tasks, here or in the journal. */
  dropEmpty(lane: Lane): void {
    const { queue, key, tasks } = lane
    if (!tasks.isEmpty) return
    queue.lanes.delete(key)
    key.lanes.delete(lane)
    if (key.isIdle) queue.tenant.keys.delete(key.name)
  }

  /** One of which nothing waits or runs. */
  dropIdle(queue: Queue): void {
    if (!queue.isIdle) return
    queue.pass(undefined)
    queue.tenant.queues.delete(queue)
  }
}
