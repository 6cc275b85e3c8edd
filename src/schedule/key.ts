import { Heap } from './heap.ts'
import type { Lane } from './lane.ts'
import type { Waiting } from './waiting.ts'

/** A concurrency key of a tenant: its lanes, and what runs under it. Tasks without a key share one that admits all. */
export class Key {
  readonly name: string | null
  readonly lanes = new Set<Lane>()
  /** By limit, the smallest first. */
  readonly running = new Heap<Waiting>(byLimit)

  constructor(name: string | null) {
    this.name = name
  }

  get isIdle(): boolean {
    return this.running.size === 0 && this.lanes.size === 0
  }

  /**
   * Tasks may disagree about the limit of their key: then the limits of all that run hold too. A task with a small limit
   * is first in its lane until it may start, so that those with larger ones cannot pass it for ever.
   */
  admits(task: Waiting): boolean {
    return this.running.size < this.limitFor(task)
  }

  /** How many may run at once while this one does. */
  limitFor(task: Waiting): number {
    const strictest = this.running.first
    return strictest ? Math.min(limitOf(task), limitOf(strictest)) : limitOf(task)
  }
}

/** Two without a limit are alike: the difference of theirs would be no number. */
function byLimit(a: Waiting, b: Waiting): number {
  const [one, other] = [limitOf(a), limitOf(b)]
  return one === other ? 0 : one - other
}

function limitOf(task: Waiting): number {
  return task.concurrency?.limit ?? Number.POSITIVE_INFINITY
}
