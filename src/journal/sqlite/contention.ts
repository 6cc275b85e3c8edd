import type { Clock } from '../../system/clock.ts'
import type { Logger } from '../../system/logger.ts'

/** The writing thread waits for a lock by itself; this is for those that it is refused at once. */
const restMs = 100
/** A stop has to end some time, whoever has the lock: each of these takes as long as the writing thread waits. */
const triesWhenStopping = 5

/** Patience with another connection that has the database locked: its lock goes away some time, without our doing. */
export class Contention {
  readonly #clock: Clock
  readonly #logger: Logger
  #isLocked = false
  #triesLeft = Number.POSITIVE_INFINITY
  #wake: (() => void) | undefined

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** The lock was not to be had. Resolves when to try again: true, or false where it is no longer worth it. */
  async met(): Promise<boolean> {
    if (!this.#isLocked) this.#logger.warn('Another program has the journal locked: writes wait until it lets go.')
    this.#isLocked = true
    if (this.#triesLeft === Number.POSITIVE_INFINITY) await this.#rest()
    return this.#triesLeft-- > 0
  }

  landed(): void {
    if (this.#isLocked) this.#logger.info('The journal is no longer locked.')
    this.#isLocked = false
  }

  /** Rests no more, since no timer keeps a stopping process alive, and soon gives up. */
  stop(): void {
    this.#triesLeft = Math.min(this.#triesLeft, triesWhenStopping)
    this.#wake?.()
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#clock.after(restMs, resolve)
    })
  }
}
