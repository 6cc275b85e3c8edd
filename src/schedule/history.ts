/** How long attempts of a kind took, and those that were ended for others: what to expect of the next. */

/** Per kind: the newest say most about the next. */
const remembered = 256

/** What it takes until something that is asked to make room has ended, as long as nothing was seen to. */
export const unknownEndSeconds = 5

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
  readonly #ends = new Ring()

  /** An attempt that came to its own end. */
  add(kind: string, seconds: number): void {
    this.#ringOf(kind).add(seconds)
  }

  /** An attempt that had a slot for so long, and was ended for another: its task needs one again. */
  lose(kind: string, seconds: number): void {
    this.#ringOf(kind).lose(seconds)
  }

  /** Something that was asked to make room had ended after so long. */
  madeRoom(seconds: number): void {
    this.#ends.add(seconds)
  }

  /** How long the newest of those took, the shortest first; none when nothing was ever asked to. */
  get endSeconds(): readonly number[] {
    return this.#ends.sorted
  }

  /** How many times as long as their own last attempts tasks of a kind hold slots, those included that were ended. */
  occupies(kind: string): number {
    return this.#kinds.get(kind)?.occupies ?? 1
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
    if (!ring || ring.sorted.length === 0)
      return { meanSeconds: unknownSeconds, p50Seconds: unknownSeconds, p90Seconds: unknownSeconds, basis: 0 }
    const { mean, sorted } = ring
    return { meanSeconds: mean, p50Seconds: at(sorted, 0.5), p90Seconds: at(sorted, 0.9), basis: sorted.length }
  }

  #ringOf(kind: string): Ring {
    const ring = this.#kinds.get(kind) ?? new Ring()
    this.#kinds.set(kind, ring)
    return ring
  }
}

class Ring {
  readonly #seconds: number[] = []
  /** Between each of these and the one before, what attempts took that were ended for others. */
  readonly #lost: number[] = []
  #next = 0
  #sum = 0
  #lostSum = 0
  #lostSince = 0
  /** As long as nothing was added. */
  #sorted: readonly number[] | undefined

  add(seconds: number): void {
    this.#sorted = undefined
    this.#sum += seconds - (this.#seconds[this.#next] ?? 0)
    this.#seconds[this.#next] = seconds
    this.#lostSum += this.#lostSince - (this.#lost[this.#next] ?? 0)
    this.#lost[this.#next] = this.#lostSince
    this.#lostSince = 0
    this.#next = (this.#next + 1) % remembered
  }

  lose(seconds: number): void {
    this.#lostSince += seconds
  }

  get mean(): number {
    return this.#seconds.length > 0 ? Math.max(0, this.#sum / this.#seconds.length) : unknownSeconds
  }

  get occupies(): number {
    return this.#sum > 0 ? 1 + Math.max(0, this.#lostSum) / this.#sum : 1
  }

  get sorted(): readonly number[] {
    this.#sorted ??= this.#seconds.toSorted((a, b) => a - b)
    return this.#sorted
  }
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? unknownSeconds
}
