import type { Lane } from './lane.ts'
import type { Waiting } from './waiting.ts'

/** Of one tenant, in memory; more of them hold up their lanes. */
const most = 1_024

/**
 * Due tasks of a tenant that ask for more than all of it together may use by now: aside, so that they hold up no other.
 */
export class Aside {
  readonly #tasks = new Map<string, Waiting>()
  readonly #couldHold: (task: Waiting) => boolean

  /** `couldHold` tells whether a task fits when nothing else of its tenant runs. */
  constructor(couldHold: (task: Waiting) => boolean) {
    this.#couldHold = couldHold
  }

  get size(): number {
    return this.#tasks.size
  }

  has(id: string): boolean {
    return this.#tasks.has(id)
  }

  /** False for a task that its tenant can run, or when there are as many as there may be. */
  take(task: Waiting): boolean {
    if (this.#couldHold(task) || this.#tasks.size >= most) return false
    this.#tasks.set(task.id, task)
    return true
  }

  /** Takes out of a lane what its tenant cannot run at all by now; true when there was some. */
  sift({ tasks }: Lane): boolean {
    const all = tasks.items.filter((task) => this.take(task))
    for (const task of all) tasks.delete(task)
    return all.length > 0
  }

  /** Those that its tenant can run by now: they are aside no more. */
  giveBack(): readonly Waiting[] {
    const fitting = [...this.#tasks.values()].filter(this.#couldHold)
    for (const { id } of fitting) this.#tasks.delete(id)
    return fitting
  }

  delete(id: string): void {
    this.#tasks.delete(id)
  }
}
