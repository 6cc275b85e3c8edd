const [newline, quote, belowBoth] = [0x0a, 0x22, 0x23]

/**
 * The rows of one page of results as they come, without the header that every page begins with where one stands there
 * already. Counts them on the way: what Salesforce says of the page tells whether it came whole.
 */
export class PageRows {
  readonly #keepsHeader: boolean
  #isQuoted = false
  /** Of records and of the header, outside of quotes. */
  #ends = 0
  #last = newline

  constructor({ keepsHeader }: { readonly keepsHeader: boolean }) {
    this.#keepsHeader = keepsHeader
  }

  /** Null when a quote does not close. */
  get records(): number | null {
    if (this.#isQuoted) return null
    return Math.max(0, this.#ends + Number(this.#last !== newline) - 1)
  }

  async *of(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isInHeader = !this.#keepsHeader
    for await (const part of source) {
      this.#count(part)
      const from = isInHeader ? part.indexOf(newline) + 1 : 0
      if (isInHeader && from === 0) continue
      isInHeader = false
      if (from < part.length) yield from === 0 ? part : part.subarray(from)
    }
  }

  /** Every byte of every result passes here: one comparison decides for nearly all. */
  #count(part: Uint8Array): void {
    let [isQuoted, ends] = [this.#isQuoted, 0]
    for (let at = 0; at < part.length; at++) {
      const byte = part[at] as number
      if (byte >= belowBoth) continue
      if (byte === quote) isQuoted = !isQuoted
      else if (byte === newline && !isQuoted) ends++
    }
    this.#isQuoted = isQuoted
    this.#ends += ends
    this.#last = part.at(-1) ?? this.#last
  }
}
