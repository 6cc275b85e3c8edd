import type { Pool } from '../task/task.ts'
import { type Counts, noCounts, runningIn } from './counts.ts'
import { Heap } from './heap.ts'
import { Key, type Lane } from './lane.ts'
import { byFirst } from './order.ts'
import type { Slots } from './slots.ts'
import type { Waiting } from './waiting.ts'

/** A tenant on the board: its counts, its limits, its keys and its queue in each pool. */
export class Tenant {
  readonly name: string
  readonly counts: Counts = noCounts()
  readonly queues: Readonly<Record<Pool, Queue>>
  readonly keys = new Map<string | null, Key>()
  /** Running tasks, all pools together. */
  limit: number
  readonly #slots: Slots

  constructor(name: string, slots: Slots, limit: number) {
    this.name = name
    this.limit = limit
    this.#slots = slots
    this.queues = {
      critical: new Queue(this, 'critical'),
      normal: new Queue(this, 'normal'),
      batch: new Queue(this, 'batch'),
    }
  }

  /** Whether one more task of this pool stays within the tenant's limits. */
  mayRun(pool: Pool): boolean {
    const poolLimit = this.#slots.tenantPoolRunning?.[pool] ?? Number.POSITIVE_INFINITY
    return runningIn(this.counts) < this.limit && this.counts[pool].running < poolLimit
  }

  keyOf(task: Waiting): Key {
    const name = task.concurrency?.key ?? null
    const known = this.keys.get(name)
    if (known) return known
    const key = new Key(name)
    this.keys.set(name, key)
    return key
  }
}

/** What one tenant could start in one pool: its open lanes, the one with the first task first. */
export class Queue {
  readonly lanes = new Heap<Lane>(byFirst)
  /** All its due tasks, open or not, by the time since which they are. */
  readonly due = new Heap<Waiting>((a, b) => dueAt(a) - dueAt(b))
  readonly #tenant: Tenant
  readonly #pool: Pool

  constructor(tenant: Tenant, pool: Pool) {
    this.#tenant = tenant
    this.#pool = pool
  }

  get first(): Waiting | undefined {
    return this.lanes.first?.first
  }

  get oldestDueAt(): number | undefined {
    return this.due.first && dueAt(this.due.first)
  }

  get open(): boolean {
    return this.lanes.size > 0 && this.#tenant.mayRun(this.#pool)
  }
}

function dueAt({ notBefore, createdAt }: Waiting): number {
  return notBefore ?? createdAt
}
