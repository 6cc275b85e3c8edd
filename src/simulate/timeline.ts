import type { Pool } from '../task/task.ts'

/** How many tasks waited and ran at a moment, by pool. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly waiting: Readonly<Record<Pool, number>>
  readonly running: Readonly<Record<Pool, number>>
}

/** When there are so many, every second is dropped: enough for a picture of any span, which is not known beforehand. */
const mostMoments = 400
const shortestMs = 1_000

export class Timeline {
  readonly #waiting: Record<Pool, number> = { critical: 0, normal: 0, batch: 0 }
  readonly #running: Record<Pool, number> = { critical: 0, normal: 0, batch: 0 }
  #moments: Moment[] = []
  #everyMs = shortestMs
  #nextAt: number

  constructor(now: number) {
    this.#nextAt = now
  }

  change(pool: Pool, now: number, by: { readonly waiting: number; readonly running: number }): void {
    if (now > this.#nextAt) this.#take(now)
    this.#waiting[pool] += by.waiting
    this.#running[pool] += by.running
  }

  get moments(): readonly Moment[] {
    return [...this.#moments, this.#momentAt(this.#nextAt)]
  }

  /** As it has been since the change before. */
  #take(now: number): void {
    this.#moments.push(this.#momentAt(this.#nextAt))
    if (this.#moments.length >= mostMoments) {
      this.#moments = this.#moments.filter((_, at) => at % 2 === 0)
      this.#everyMs *= 2
    }
    this.#nextAt += Math.ceil((now - this.#nextAt) / this.#everyMs) * this.#everyMs
  }

  #momentAt(at: number): Moment {
    return { at, waiting: { ...this.#waiting }, running: { ...this.#running } }
  }
}
