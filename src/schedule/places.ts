/** Places that become free one after the other, and are taken again: the earliest is always at hand. */
export class Places {
  /** A heap: none is later than the two below it. */
  readonly #times: number[]

  /** When each becomes free. */
  constructor(times: readonly number[]) {
    this.#times = times.toSorted((a, b) => a - b)
  }

  /** When the first of them is free; undefined when there is none at all. */
  get first(): number | undefined {
    return this.#times[0]
  }

  /** Takes the first, until then. */
  take(until: number): void {
    const times = this.#times
    let hole = 0
    for (;;) {
      let below = 2 * hole + 1
      if (below >= times.length) break
      if ((times[below + 1] ?? Number.POSITIVE_INFINITY) < (times[below] as number)) below += 1
      if ((times[below] as number) >= until) break
      times[hole] = times[below] as number
      hole = below
    }
    times[hole] = until
  }
}
