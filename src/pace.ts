import type { Clock } from './system/clock.ts'

const longestSleepMs = 30_000

/** Takes one turn for however many reasons there are, soon, and the next when its time has come. */
export class Pace {
  readonly #clock: Clock
  readonly #turn: (now: number) => number | undefined
  #hasBegun = false
  #isAwake = false
  #isResting = false
  #disarm = () => {}
  /** When the next turn is taken by itself. */
  #armedFor = Number.POSITIVE_INFINITY

  /** `turn` says when it wants to be taken next, at the latest. */
  constructor(clock: Clock, turn: (now: number) => number | undefined) {
    this.#clock = clock
    this.#turn = turn
  }

  /** Takes the first turn soon; whoever woke it before waits for that. */
  begin(): void {
    this.#hasBegun = true
    this.wake()
  }

  wake(): void {
    if (this.#isAwake || !this.#hasBegun) return
    this.#isAwake = true
    setImmediate(() => {
      this.#isAwake = false
      this.#take()
    })
  }

  /** Takes a turn by then: soon, unless one comes by itself before. */
  wakeBy(at: number): void {
    if (at < this.#armedFor) this.wake()
  }

  /** Does not wake by itself any more, only when told. */
  rest(): void {
    this.#isResting = true
    this.#disarm()
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  #take(): void {
    const now = this.#clock.now()
    this.#disarm()
    this.#armedFor = Number.POSITIVE_INFINITY
    const wakeAt = this.#turn(now)
    // Looked at again before long: the wall clock may be set, and a laptop may have slept.
    if (wakeAt === undefined || this.#isResting) return
    const sleepMs = Math.min(wakeAt - now, longestSleepMs)
    this.#armedFor = now + sleepMs
    this.#disarm = this.#clock.after(sleepMs, () => this.wake())
  }
}
