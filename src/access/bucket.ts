const longestWaitSeconds = 3600

/** A token bucket: holds what a minute allows, and fills evenly. */
export class Bucket {
  #level: number
  #at: number

  constructor(perMinute: number, now: number) {
    this.#level = perMinute
    this.#at = now
  }

  /** Takes one and returns 0, or takes nothing and returns in how many whole seconds there is one. `now` in ms. */
  take(perMinute: number, now: number): number {
    const perMs = perMinute / 60_000
    this.#level = Math.min(perMinute, this.#level + Math.max(0, now - this.#at) * perMs)
    this.#at = now
    if (this.#level >= 1) {
      this.#level -= 1
      return 0
    }
    const waitMs = (1 - this.#level) / perMs
    return Math.min(longestWaitSeconds, Math.max(1, Math.ceil(waitMs / 1000)))
  }
}
