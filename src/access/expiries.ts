import type { Clock } from '../system/clock.ts'

/** The clock may be set, and a laptop may have slept: looked again before long. */
const longestSleepMs = 1_000

/** Tells of each id when its time has come, within a second, with one timer for all of them. */
export class Expiries {
  readonly #clock: Clock
  readonly #expired: (id: string) => void
  readonly #times = new Map<string, number>()
  #disarm: (() => void) | undefined

  constructor(clock: Clock, expired: (id: string) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  add(id: string, at: number): void {
    if (at <= this.#clock.now()) return
    this.#times.set(id, at)
    this.#arm()
  }

  remove(id: string): void {
    this.#times.delete(id)
  }

  #arm(): void {
    if (this.#times.size > 0) this.#disarm ??= this.#clock.after(longestSleepMs, () => this.#look())
  }

  #look(): void {
    this.#disarm = undefined
    const now = this.#clock.now()
    for (const [id, at] of [...this.#times]) {
      if (at > now) continue
      this.#times.delete(id)
      this.#expired(id)
    }
    this.#arm()
  }
}
