import type { Hub } from '../stream/hub.ts'
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'

/** Requests that wait for a task's next event. */
export class LongPolls {
  readonly #hub: Hub
  readonly #clock: Clock
  readonly #stands: (token: string) => boolean
  readonly #waiting = new Map<() => void, string>()
  #ended = false

  /** `stands` tells whether a token still counts. */
  constructor(hub: Hub, clock: Clock, stands: (token: string) => boolean) {
    this.#stands = stands
    this.#hub = hub
    this.#clock = clock
  }

  /** Listens from this moment on, so that nothing is missed between a read that found nothing and the wait after it. */
  open(task: string, token: string): Wait {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stopListening = this.#hub.listen(task, () => resolve())
    this.#waiting.set(resolve, token)
    // A token can also end while the caller's task was looked up, before anybody waits here.
    if (this.#ended || !this.#stands(token)) resolve()
    return {
      give: resolve,
      news: async (milliseconds) => {
        const stopTimer = this.#clock.after(milliseconds, resolve)
        await promise
        stopTimer()
        if (!this.#stands(token)) throw new Refusal('UNAUTHORIZED', 'this token is not valid any more: use another one')
      },
      close: () => {
        stopListening()
        this.#waiting.delete(resolve)
      },
    }
  }

  /** Lets those go that wait with a token that has ended. */
  endToken(ended: string): void {
    for (const [resolve, token] of this.#waiting) if (token === ended) resolve()
  }

  /** Lets all go that wait or still come: the server stops. */
  endAll(): void {
    this.#ended = true
    for (const resolve of this.#waiting.keys()) resolve()
  }
}

export interface Wait {
  /** Resolves with the next event, after so long, or when it is given up. */
  news(milliseconds: number): Promise<void>
  give(): void
  close(): void
}
