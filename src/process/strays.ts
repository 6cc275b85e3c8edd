import { Census } from './census.ts'

/** A look at all processes of the machine serves all who ask within this time. */
const sharedMs = 900

/**
 * Where no namespace holds a tree together, what left it: a process whose parent has ended is init's child. It is known
 * by its marker.
 */
export class Strays {
  readonly #census = new Census()
  #lookedAt = Number.NEGATIVE_INFINITY
  #byWorker: ReadonlyMap<string, readonly number[]> = new Map()

  /** Every process that carries the worker's marker, as of the last look; `now` is monotonic. */
  of(worker: string, now: number): readonly number[] {
    if (now - this.#lookedAt >= sharedMs) {
      this.#lookedAt = now
      const { marked } = this.#census.look(() => true)
      const groups = Map.groupBy(marked, (one) => one.worker)
      this.#byWorker = new Map([...groups].map(([name, all]) => [name, all.map(({ pid }) => pid)]))
    }
    return this.#byWorker.get(worker) ?? []
  }
}
