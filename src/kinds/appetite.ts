/** Of Node's modules; what a worker loads itself for whatever runs longer than a moment, or prints, is more. */
const mostBuiltins = 15
/** So many more tasks of a kind had much loaded than had not: by then it is no mishap of a busy machine. */
const tellingExcess = 2
/** A kind that has changed is known by so many more tasks. */
const mostExcess = 8

/**
 * What tasks of a kind have Node load, beside what every start has loaded. A worker whose task has next to nothing loaded
 * starts cheaper (`leanNode`), and one whose task has much loaded would pay for that: its kind tells when it is read, and
 * each of its tasks when it ends.
 */
export class Appetite {
  readonly #hasLittle: boolean
  #excess = 0

  /** What its module and all that it imports have loaded. */
  constructor(builtins: number) {
    this.#hasLittle = builtins <= mostBuiltins
  }

  get isLean(): boolean {
    return this.#hasLittle && this.#excess < tellingExcess
  }

  /** What one of its tasks has had loaded. */
  note(builtins: number): void {
    const excess = this.#excess + (builtins > mostBuiltins ? 1 : -1)
    this.#excess = Math.min(mostExcess, Math.max(0, excess))
  }
}
