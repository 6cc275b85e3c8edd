/** A map of at most so many keys, in the order in which they were set last: one more, and the first of them goes. */
export class RecentMap<K, V> {
  readonly #most: number
  readonly #entries = new Map<K, V>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  set(key: K, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#most) this.#entries.delete(oldest as K)
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }

  entries(): Iterable<[K, V]> {
    return this.#entries.entries()
  }

  values(): Iterable<V> {
    return this.#entries.values()
  }
}
