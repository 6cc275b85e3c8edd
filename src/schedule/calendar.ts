import { Head, type HeadSize, type Look } from './head.ts'
import { Heap } from './heap.ts'
import type { Waiting } from './waiting.ts'

type Field = 'notBefore' | 'expiresAt'

/** Which of the orders that are in the journal for the most part. */
export type Dated = 'later' | 'expiring'

/**
 * What waits for a time: tasks that are not due yet, and tasks that expire, due or not. Those that also wait for others
 * are all here: one for each parent that is suspended.
 */
export class Calendar {
  readonly #heads: Readonly<Record<Dated, Head<Waiting>>>
  readonly #suspended = new Heap<Waiting>(byTime('notBefore'))

  constructor(size: HeadSize) {
    this.#heads = {
      later: new Head<Waiting>(byTime('notBefore'), size),
      expiring: new Head<Waiting>(byTime('expiresAt'), size),
    }
  }

  /** Notes when it expires, if it does. */
  addExpiry(task: Waiting): void {
    if (task.expiresAt !== null) this.#heads.expiring.put(task)
  }

  /** Lets it wait for its time. Returns who stays in the journal for it: nobody, itself, or another. */
  addLater(task: Waiting): Waiting | undefined {
    if (task.awaits.length === 0) return this.#heads.later.put(task)
    this.#suspended.put(task)
    return undefined
  }

  remove(task: Waiting): void {
    if (task.expiresAt !== null) this.#heads.expiring.delete(task)
    if (task.notBefore === null) return
    this.#heads.later.delete(task)
    this.#suspended.delete(task)
  }

  hasDue(now: number): boolean {
    return [this.#suspended.first, this.#heads.later.first].some((task) => task && timeOf(task, 'notBefore') <= now)
  }

  /** Takes out one task whose time has come. */
  takeDue(now: number): Waiting | undefined {
    for (const order of [this.#suspended, this.#heads.later]) {
      const task = order.first
      if (!task || timeOf(task, 'notBefore') > now) continue
      order.delete(task)
      return task
    }
    return undefined
  }

  /** The task that expired first, when there is one. */
  expired(now: number): Waiting | undefined {
    const task = this.#heads.expiring.first
    return task && timeOf(task, 'expiresAt') <= now ? task : undefined
  }

  /** The next time at which a task becomes due or expires. */
  get nextAt(): number | undefined {
    const { later, expiring } = this.#heads
    const times = [later.first?.notBefore, this.#suspended.first?.notBefore, expiring.first?.expiresAt]
    const known = times.filter((time) => typeof time === 'number')
    return known.length > 0 ? Math.min(...known) : undefined
  }

  /** Of which orders the journal has more than is here, and soon needed. */
  get short(): readonly Dated[] {
    return (['later', 'expiring'] as const).filter((order) => this.#heads[order].isShort)
  }

  ask(order: Dated): Look<Waiting> | undefined {
    return this.#heads[order].ask()
  }

  fill(order: Dated, found: readonly Waiting[] | undefined, isElsewhere: (id: string) => boolean): readonly Waiting[] {
    return this.#heads[order].fill(found, isElsewhere)
  }
}

export function timeOf(task: Waiting, field: Field): number {
  return task[field] ?? Number.POSITIVE_INFINITY
}

function byTime(field: Field): (a: Waiting, b: Waiting) => number {
  return (a, b) => timeOf(a, field) - timeOf(b, field) || compareIds(a.id, b.id)
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
