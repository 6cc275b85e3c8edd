/** How far a piece of work with parts of different size is. */
export class Weights {
  readonly #weights: ReadonlyMap<string, number>
  readonly #total: number
  readonly #shares = new Map<string, number>()

  /** Rows of each part as they were estimated; each weighs a little more than its rows, for the calls around them. */
  constructor(rows: ReadonlyMap<string, number>) {
    this.#weights = new Map([...rows].map(([name, count]) => [name, 100 + Math.max(0, count)]))
    this.#total = [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0)
  }

  /** The share of a part that is done, 0 to 1. An estimate may have been too small: it never counts as more than 1. */
  set(name: string, share: number): void {
    this.#shares.set(name, Math.min(1, Math.max(this.#shares.get(name) ?? 0, share)))
  }

  /** Rounded down, so that 100 means all. Null when there is nothing to do. */
  get percent(): number | null {
    if (this.#total === 0) return null
    let done = 0
    for (const [name, weight] of this.#weights) done += weight * (this.#shares.get(name) ?? 0)
    return Math.floor((100 * done) / this.#total)
  }
}
