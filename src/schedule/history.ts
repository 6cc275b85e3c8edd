/** How long attempts of a kind took: what to expect of the next. */

/** Per kind: the newest say most about the next. */
const remembered = 256

/** What is expected of a kind that never ran: enough that nobody gets all slots at once for nothing. */
export const unknownSeconds = 10

export interface Expectation {
  readonly meanSeconds: number
  readonly p50Seconds: number
  readonly p90Seconds: number
  /** Attempts that it is drawn from; 0 when it is a guess. */
  readonly basis: number
}

export class History {
  readonly #kinds = new Map<string, Ring>()

  /** An attempt that came to its own end. */
  add(kind: string, seconds: number): void {
    const ring = this.#kinds.get(kind) ?? new Ring()
    this.#kinds.set(kind, ring)
    ring.add(seconds)
  }

  meanSeconds(kind: string): number {
    return this.#kinds.get(kind)?.mean ?? unknownSeconds
  }

  /** Of the newest attempts, the shortest first; none of a kind that never ran. */
  secondsOf(kind: string): readonly number[] {
    return this.#kinds.get(kind)?.sorted ?? []
  }

  expect(kind: string): Expectation {
    const ring = this.#kinds.get(kind)
    if (!ring) return { meanSeconds: unknownSeconds, p50Seconds: unknownSeconds, p90Seconds: unknownSeconds, basis: 0 }
    const { mean, sorted } = ring
    return { meanSeconds: mean, p50Seconds: at(sorted, 0.5), p90Seconds: at(sorted, 0.9), basis: sorted.length }
  }
}

class Ring {
  readonly #seconds: number[] = []
  #next = 0
  #sum = 0
  /** As long as nothing was added. */
  #sorted: readonly number[] | undefined

  add(seconds: number): void {
    this.#sorted = undefined
    this.#sum += seconds - (this.#seconds[this.#next] ?? 0)
    this.#seconds[this.#next] = seconds
    this.#next = (this.#next + 1) % remembered
  }

  get mean(): number {
    return Math.max(0, this.#sum / this.#seconds.length)
  }

  get sorted(): readonly number[] {
    this.#sorted ??= this.#seconds.toSorted((a, b) => a - b)
    return this.#sorted
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? unknownSeconds
}
