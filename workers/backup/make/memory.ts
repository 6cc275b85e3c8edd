/** The checkpoint of work in several lanes: each change is durable when its promise resolves, and saves share a write. */
import type { Json } from '../../../src/task/json.ts'
import type { Context } from '../../context.ts'

export class Memory<T extends object> {
  #value: T
  #running: Promise<unknown> = Promise.resolve()
  #next: Promise<void> | undefined
  readonly #save: Context['saveCheckpoint']

  constructor(value: T, { saveCheckpoint }: Pick<Context, 'saveCheckpoint'>) {
    this.#value = value
    this.#save = saveCheckpoint
  }

  get value(): T {
    return this.#value
  }

  /** Durable with the next change: for what can be done twice without harm. */
  note(change: Partial<T>): void {
    this.#value = { ...this.#value, ...change }
  }

  change(change: Partial<T>): Promise<void> {
    this.note(change)
    // Whoever comes before the write begins is in it.
    this.#next ??= this.#running.then(() => {
      this.#next = undefined
      return this.#save(this.#value as unknown as Json)
    })
    this.#running = this.#next.catch(() => {})
    return this.#next
  }
}
