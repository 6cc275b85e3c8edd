import type { Io } from './io.ts'

/** Signals to end, heard from the beginning on: one that comes too early for whoever handles it is kept for then. */
export class Interrupts {
  readonly #stopListening: () => void
  #early = 0
  #handler: (() => void) | undefined

  constructor(io: Pick<Io, 'onInterrupt'>) {
    this.#stopListening = io.onInterrupt(() => {
      if (this.#handler) this.#handler()
      else this.#early++
    })
  }

  /** Calls the handler at each, those that have come included. */
  handle(handler: () => void): void {
    this.#handler = handler
    for (; this.#early > 0; this.#early--) handler()
  }

  stop(): void {
    this.#stopListening()
  }
}
