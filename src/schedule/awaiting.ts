import type { Waiting } from './waiting.ts'

/** What a task awaits until it is known whom: nobody has such an id, so it never settles. */
export const unknownYet: readonly string[] = ['']

/** Which tasks wait for others to settle. A task has one parent, so at most one waits for it. */
export class Awaiting {
  readonly #left = new Map<string, Set<string>>()
  readonly #waiters = new Map<string, string>()

  add({ id, awaits }: Waiting): void {
    if (awaits.length === 0) return
    this.#left.set(id, new Set(awaits))
    for (const awaited of awaits) this.#waiters.set(awaited, id)
  }

  remove({ id }: Waiting): void {
    for (const awaited of this.#left.get(id) ?? []) this.#waiters.delete(awaited)
    this.#left.delete(id)
  }

  /** How many it still waits for. */
  leftOf(id: string): number {
    return this.#left.get(id)?.size ?? 0
  }

  /** Whoever waited for this one, when it was the last; undefined when it waits for more, or nobody did. */
  settled(awaited: string): string | undefined {
    const waiter = this.#waiters.get(awaited)
    const left = waiter === undefined ? undefined : this.#left.get(waiter)
    this.#waiters.delete(awaited)
    left?.delete(awaited)
    return left?.size === 0 ? waiter : undefined
  }
}
