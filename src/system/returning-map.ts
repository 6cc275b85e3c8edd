/** So few places are laid out anew before it matters. */
const few = 16

/**
 * A `Map` for keys that come and go again and again beside very many others. A `Map` keeps what is deleted in the chain of
 * its hash until it is laid out anew, so that a key that has gone a thousand times walks past a thousand of its own graves
 * each time it is asked for. Here a key that goes leaves its place empty and finds it again; when half of the places are
 * empty these all go at once, so that a change costs O(1) in the long run. For keys that come only once a `Map` is better.
 */
export class ReturningMap<K, V extends NonNullable<unknown>> {
  readonly #places = new Map<K, V | undefined>()
  #empty = 0

  get size(): number {
    return this.#places.size - this.#empty
  }

  get(key: K): V | undefined {
    return this.#places.get(key)
  }

  set(key: K, value: V): void {
    if (this.#empty > 0 && this.#places.get(key) === undefined && this.#places.has(key)) this.#empty -= 1
    this.#places.set(key, value)
  }

  /** What was there. */
  delete(key: K): V | undefined {
    const value = this.#places.get(key)
    if (value === undefined) return undefined
    if (this.#places.size <= few) this.#places.delete(key)
    else this.#leave(key)
    return value
  }

  *values(): Iterable<V> {
    for (const value of this.#places.values()) if (value !== undefined) yield value
  }

  #leave(key: K): void {
    this.#places.set(key, undefined)
    this.#empty += 1
    if (this.#empty > this.size + few) this.#sweep()
  }

  /**
   * In place, so that whoever looks at all of them meanwhile goes on with what there is. It leaves a key one grave, and
   * the others so many that the map is laid out anew before that key has many.
   */
  #sweep(): void {
    for (const [key, value] of this.#places) if (value === undefined) this.#places.delete(key)
    this.#empty = 0
  }
}
