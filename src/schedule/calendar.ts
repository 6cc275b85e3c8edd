import { Heap } from './heap.ts'
import type { Waiting } from './waiting.ts'

type Dated<Field extends 'notBefore' | 'expiresAt'> = Waiting & { readonly [field in Field]: number }

/** What waits for a time: tasks that are not due yet, and tasks that expire, due or not. */
export class Calendar {
  readonly #later = new Heap<Dated<'notBefore'>>((a, b) => a.notBefore - b.notBefore)
  readonly #expiring = new Heap<Dated<'expiresAt'>>((a, b) => a.expiresAt - b.expiresAt)

  add(task: Waiting): void {
    if (has(task, 'notBefore')) this.#later.put(task)
    if (has(task, 'expiresAt')) this.#expiring.put(task)
  }

  remove(task: Waiting): void {
    if (has(task, 'notBefore')) this.#later.delete(task)
    if (has(task, 'expiresAt')) this.#expiring.delete(task)
  }

  /** Takes out one task whose time has come. */
  takeDue(now: number): Waiting | undefined {
    const task = this.#later.first
    if (!task || task.notBefore > now) return undefined
    this.#later.delete(task)
    return task
  }

  /** The task that expired first, when there is one. */
  expired(now: number): Waiting | undefined {
    const task = this.#expiring.first
    return task && task.expiresAt <= now ? task : undefined
  }

  /** The next time at which a task becomes due or expires. */
  get nextAt(): number | undefined {
    const times = [this.#later.first?.notBefore, this.#expiring.first?.expiresAt].filter((time) => time !== undefined)
    return times.length > 0 ? Math.min(...times) : undefined
  }
}

function has<Field extends 'notBefore' | 'expiresAt'>(task: Waiting, field: Field): task is Dated<Field> {
  return task[field] !== null
}
