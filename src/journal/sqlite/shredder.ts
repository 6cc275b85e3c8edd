import type { Clock } from '../../system/clock.ts'
import { itself, ofNoTask, type Requests } from './requests.ts'

const shredAfterMs = 1_000

/** What was deleted is in the log until that starts afresh: not with each, but not much later. Closing does it, too. */
export class Shredder {
  readonly #requests: Requests
  readonly #clock: Clock
  #isComing = false

  constructor(requests: Requests, clock: Clock) {
    this.#requests = requests
    this.#clock = clock
  }

  soon(): void {
    if (this.#isComing) return
    this.#isComing = true
    this.#clock.after(shredAfterMs, () => {
      this.#isComing = false
      // The next deletion asks again.
      this.#requests.write({ do: 'shred' }, ofNoTask, itself).catch(() => {})
    })
  }
}
