import type { Outbound } from '../contract/outbound.ts'

/** What has come over a connection and nobody has taken yet; bounded, because a socket cannot be told to wait. */
export class Inbox {
  readonly #mostMessages: number
  #messages: Outbound[] = []
  #ended = false
  #wake: (() => void) | undefined

  constructor(mostMessages: number) {
    this.#mostMessages = mostMessages
  }

  get full(): boolean {
    return this.#messages.length >= this.#mostMessages
  }

  put(message: Outbound): void {
    if (this.#ended) return
    this.#messages.push(message)
    this.#wake?.()
  }

  /** What is in it can still be taken. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** All there is, as soon as there is something; nothing once it has ended. */
  async take(): Promise<readonly Outbound[]> {
    if (this.#messages.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const taken = this.#messages
    this.#messages = []
    return taken
  }
}
