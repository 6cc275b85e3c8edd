import type { Pool } from '../task/task.ts'
import type { Course } from './flow.ts'
import type { Gate } from './gate.ts'
import { Heap } from './heap.ts'
import type { KindCounts } from './kind-counts.ts'
import { byTurn } from './order.ts'
import type { Policy } from './policy.ts'
import type { Gates, Queue, Side } from './queue.ts'

/** The open queues of one kind in one pool, those that come first in front. */
type Line = Readonly<Record<Side, Heap<Queue>>>

/** The tenants that could start something in one pool, by kind: few enough to look at the first of each. */
export class Lines {
  readonly course: Course = { time: 0 }
  readonly #pool: Pool
  readonly #lines = new Map<string, Line>()
  #outside = 0

  constructor(pool: Pool) {
    this.#pool = pool
  }

  /** Tasks that run and count against the share of the pool. */
  get outside(): number {
    return this.#outside
  }

  /** One more or one less task of a queue runs. */
  count(queue: Queue, by: 1 | -1): void {
    queue.running += by
    if (queue.side === 'outside') this.#outside += by
  }

  /** Stands a queue at other gates: what runs of it is on the side where it is now. */
  move(queue: Queue, gates: Gates, now: number): void {
    if (queue.side === 'outside') this.#outside -= queue.running
    queue.pass(gates)
    if (queue.side === 'outside') this.#outside += queue.running
    this.seat(queue, now)
  }

  /** A gate at which a queue stands has opened or closed. */
  turn(queue: Queue, gate: Gate, now: number): void {
    if (queue.isOf(gate)) this.#outside += gate.isOpen ? -queue.running : queue.running
    this.seat(queue, now)
  }

  /** The queue to start from next; `mayOutside` tells whether the share leaves room for one that stands outside. */
  first(policy: Policy, kinds: KindCounts, mayOutside: boolean): Queue | undefined {
    let first: Queue | undefined
    for (const [kind, line] of this.#lines) {
      if (kinds.isFull(kind, policy)) continue
      for (const queue of [line.inside.first, mayOutside ? line.outside.first : undefined]) {
        if (queue && (!first || byTurn(queue, first) < 0)) first = queue
      }
    }
    return first
  }

  /** Puts a queue where it belongs now, or takes it out when nothing of it could start. */
  seat(queue: Queue, now: number): void {
    queue.note(now)
    const heap = queue.open ? this.#lineOf(queue.kind)[queue.side] : undefined
    const flow = queue.tenant.flows[this.#pool]
    if (queue.heap && queue.heap !== heap) {
      queue.heap.delete(queue)
      flow.leave()
    }
    if (heap && queue.heap !== heap) flow.join()
    queue.heap = heap
    if (heap) heap.put(queue)
    else this.#forget(queue.kind)
  }

  #lineOf(kind: string): Line {
    const line = this.#lines.get(kind) ?? { inside: new Heap<Queue>(byTurn), outside: new Heap<Queue>(byTurn) }
    this.#lines.set(kind, line)
    return line
  }

  #forget(kind: string): void {
    const line = this.#lines.get(kind)
    if (line?.inside.size === 0 && line.outside.size === 0) this.#lines.delete(kind)
  }
}
