/** The end of one call that takes too long: for its answer, or in the middle of it. */
import type { Limits } from './timeouts.ts'

export class Patience {
  /** Aborted with a TimeoutError that says how long nothing came, or with the reason of the signal given. */
  readonly signal: AbortSignal
  readonly #abort = new AbortController()
  readonly #silenceMs: number
  readonly #whole: NodeJS.Timeout
  #bytes = 0

  constructor(timeoutMs: number, { longestCallMs, silenceMs }: Limits, signal: AbortSignal) {
    this.#silenceMs = silenceMs
    const ms = Math.min(timeoutMs, longestCallMs)
    this.#whole = this.#after(ms, () => `it took longer than ${ms / 1_000} s${this.#soFar()}`)
    this.signal = AbortSignal.any([this.#abort.signal, signal])
  }

  /** The parts as they come. Only waiting counts, not what is done with them meanwhile. */
  async *parts(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const source = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const why = () => `nothing came for ${this.#silenceMs / 1_000} s${this.#soFar()}`
        const timer = this.#after(this.#silenceMs, why)
        const { done, value } = await source.next().finally(() => clearTimeout(timer))
        if (done) return
        this.#bytes += value.length
        yield value
      }
    } finally {
      // Who stops reading early wants no more of it.
      await source.return?.()
    }
  }

  end(): void {
    clearTimeout(this.#whole)
  }

  #after(ms: number, why: () => string): NodeJS.Timeout {
    return setTimeout(() => this.#abort.abort(new DOMException(why(), 'TimeoutError')), ms)
  }

  #soFar(): string {
    return this.#bytes > 0 ? `, after ${this.#bytes} bytes of the answer` : ''
  }
}
