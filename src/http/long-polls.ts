import type { Hub } from '../stream/hub.ts'
import type { Clock } from '../system/clock.ts'

/** Requests that wait for a task's next event. */
export class LongPolls {
  readonly #hub: Hub
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()
  #ended = false

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub
    this.#clock = clock
  }

  /** Listens from this moment on, so that nothing is missed between a read that found nothing and the wait after it. */
  open(task: string): Wait {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stopListening = this.#hub.listen(task, () => resolve())
    this.#waiting.add(resolve)
    if (this.#ended) resolve()
    return {
      give: resolve,
      news: async (milliseconds) => {
        const stopTimer = this.#clock.after(milliseconds, resolve)
        await promise
        stopTimer()
      },
      close: () => {
        stopListening()
        this.#waiting.delete(resolve)
      },
    }
  }

  /** Lets all go that wait or still come: the server stops. */
  endAll(): void {
    this.#ended = true
    for (const resolve of this.#waiting) resolve()
  }
}

export interface Wait {
  /** Resolves with the next event, after so long, or when it is given up. */
  news(milliseconds: number): Promise<void>
  give(): void
  close(): void
}
