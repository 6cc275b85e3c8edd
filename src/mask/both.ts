import type { Index } from './needle-index.ts'

/** Two indexes as one: what an attempt was lent is looked for beside what it came to know, which changes more often. */
export class Both implements Index {
  readonly #one: Index
  readonly #other: Index
  /** Where each may find something next: neither goes over a text twice because of the other. */
  #nextOfOne = -1
  #nextOfOther = -1

  constructor(one: Index, other: Index) {
    this.#one = one
    this.#other = other
  }

  next(text: Uint8Array, from: number): number {
    if (from === 0) {
      this.#nextOfOne = -1
      this.#nextOfOther = -1
    }
    if (this.#nextOfOne < from) this.#nextOfOne = this.#one.next(text, from)
    if (this.#nextOfOther < from) this.#nextOfOther = this.#other.next(text, from)
    return Math.min(this.#nextOfOne, this.#nextOfOther)
  }

  longestAt(text: Uint8Array, at: number): number {
    return Math.max(this.#one.longestAt(text, at), this.#other.longestAt(text, at))
  }

  isBeginning(text: Uint8Array, at: number): boolean {
    return this.#one.isBeginning(text, at) || this.#other.isBeginning(text, at)
  }
}
