import type { Rule } from '../contract/explanation.ts'
import { Head, type HeadSize } from './head.ts'
import type { Key } from './key.ts'
import { inOrder } from './order.ts'
import type { Place } from './pause.ts'
import type { Queue } from './queue.ts'
import { Spells } from './spells.ts'
import type { Waiting } from './waiting.ts'

/** The due tasks of one tenant, pool, kind and concurrency key, in order. Whatever holds one of them back holds all. */
export class Lane {
  readonly queue: Queue
  readonly key: Key
  readonly tasks: Head<Waiting>
  isPaused = false
  /** Since when the oldest of its tasks in memory is due; undefined without any. */
  oldestDueAt: number | undefined
  /** What held it back lately, as soon as something did. */
  spells: Spells | undefined

  constructor(queue: Queue, key: Key, size: HeadSize) {
    this.queue = queue
    this.key = key
    this.tasks = new Head<Waiting>(inOrder, size)
  }

  get place(): Place {
    const { tenant, pool, kind } = this.queue
    return { tenant: tenant.name, pool, kind, key: this.key.name }
  }

  get first(): Waiting | undefined {
    return this.tasks.first
  }

  /** Whether its first task may start as far as pauses and the key are concerned. */
  get open(): boolean {
    return this.first !== undefined && this.#heldBy === undefined
  }

  /** Keeps in mind what holds it back from now on. */
  note(now: number): void {
    this.oldestDueAt = oldestOf(this.tasks.items)
    const rule = this.#heldBy
    if (rule !== undefined) this.spells ??= new Spells()
    this.spells?.note(rule, now)
  }

  get #heldBy(): Rule | undefined {
    if (this.isPaused) return 'paused'
    return this.first === undefined || this.key.admits(this.first) ? undefined : 'key'
  }
}

/** Of those in memory, some dozens at most. */
function oldestOf(tasks: readonly Waiting[]): number | undefined {
  let oldest: number | undefined
  for (const { notBefore, createdAt } of tasks) {
    const at = notBefore ?? createdAt
    if (!(oldest !== undefined && oldest <= at)) oldest = at
  }
  return oldest
}
