import type { Logger } from '../../system/logger.ts'

/** Tells everyone who listens; what one of them throws is its own trouble. */
export class Listeners<T> {
  readonly #logger: Logger
  readonly #listeners: ((value: T) => void)[] = []

  constructor(logger: Logger) {
    this.#logger = logger
  }

  add(listen: (value: T) => void): void {
    this.#listeners.push(listen)
  }

  tell(value: T): void {
    for (const listen of this.#listeners) {
      try {
        listen(value)
      } catch (error) {
        this.#logger.error({ err: error }, 'A listener of the journal failed.')
      }
    }
  }
}
