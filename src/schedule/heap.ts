import { ReturningMap } from '../system/returning-map.ts'

/** A binary heap that knows where each of its items is, so that any of them can leave or move in O(log n). */
export class Heap<T extends object> {
  readonly #compare: (a: T, b: T) => number
  readonly #items: T[] = []
  readonly #places = new ReturningMap<T, number>()

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#places.get(item) !== undefined
  }

  /** Adds the item; or, when it is here and its order has changed, moves it to where it now belongs. */
  put(item: T): void {
    const place = this.#places.get(item) ?? this.#items.length
    this.#sink(item, this.#rise(item, place))
  }

  /** True when the item was here. */
  delete(item: T): boolean {
    const place = this.#places.delete(item)
    if (place === undefined) return false
    const last = this.#items.pop()
    if (last && last !== item) this.#sink(last, this.#rise(last, place))
    return true
  }

  /** Moves down whatever stands above the hole and comes after the item; returns where the hole is then. */
  #rise(item: T, hole: number): number {
    let place = hole
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#items[above] as T
      if (this.#compare(item, parent) >= 0) break
      this.#set(parent, place)
      place = above
    }
    return place
  }

  /** Moves up whatever stands below the hole and comes before the item, and puts the item where the hole is then. */
  #sink(item: T, hole: number): void {
    let place = hole
    for (let below = this.#firstBelow(place); below !== undefined; below = this.#firstBelow(place)) {
      const child = this.#items[below] as T
      if (this.#compare(item, child) <= 0) break
      this.#set(child, place)
      place = below
    }
    // Most that is put again stays where it is.
    if (this.#items[place] !== item) this.#set(item, place)
  }

  /** Which of the two places below comes first. */
  #firstBelow(place: number): number | undefined {
    const left = this.#items[2 * place + 1]
    const right = this.#items[2 * place + 2]
    if (!left) return undefined
    return right && this.#compare(right, left) < 0 ? 2 * place + 2 : 2 * place + 1
  }

  #set(item: T, place: number): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }
}
