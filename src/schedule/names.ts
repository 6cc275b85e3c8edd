/** So few places are laid out anew before it matters. */
const few = 16

/**
 * Values by name, like a `Map`, for names that come and go again and again beside very many others. A `Map` keeps what is
 * deleted in the chain of its hash until it is laid out anew, so that a name that has gone a thousand times walks past a
 * thousand of its own graves each time it is asked for. Here a name that goes leaves its place empty and finds it again;
 * when half of the places are empty they all go at once, so that a change costs O(1) in the long run.
 */
export class Names<T extends object> {
  #places = new Map<string | null, T | undefined>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(name: string | null): T | undefined {
    return this.#places.get(name)
  }

  set(name: string | null, value: T): void {
    if (this.#places.get(name) === undefined) this.#size += 1
    this.#places.set(name, value)
  }

  delete(name: string | null): void {
    if (this.#places.get(name) === undefined) return
    this.#size -= 1
    if (this.#places.size <= few) this.#places.delete(name)
    else this.#places.set(name, undefined)
    if (this.#places.size > 2 * this.#size + few) this.#sweep()
  }

  *values(): Iterable<T> {
    for (const value of this.#places.values()) if (value !== undefined) yield value
  }

  /**
   * In place, so that whoever looks at all of them meanwhile goes on with what there is. It leaves a name one grave, and
   * the others so many that the map is laid out anew before that name has many.
   */
  #sweep(): void {
    for (const [name, value] of this.#places) if (value === undefined) this.#places.delete(name)
  }
}
