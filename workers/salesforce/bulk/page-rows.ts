import { createReadStream } from 'node:fs'

const [newline, quote, belowBoth] = [0x0a, 0x22, 0x23]

/**
 * The rows of one page of results as they come, without the header that every page begins with where one stands there
 * already. Counts the ends of lines on the way, which are the records where no value has any.
 */
export class PageRows {
  readonly #keepsHeader: boolean
  #ends = 0
  #last = newline

  constructor({ keepsHeader }: { readonly keepsHeader: boolean }) {
    this.#keepsHeader = keepsHeader
  }

  /** Behind the header. */
  get lines(): number {
    return Math.max(0, this.#ends + Number(this.#last !== newline) - 1)
  }

  async *of(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isInHeader = !this.#keepsHeader
    for await (const part of source) {
      // The search of the engine takes a third of what a look at every byte does.
      for (let at = part.indexOf(newline); at >= 0; at = part.indexOf(newline, at + 1)) this.#ends++
      this.#last = part.at(-1) ?? this.#last
      const from = isInHeader ? part.indexOf(newline) + 1 : 0
      if (isInHeader && from === 0) continue
      isInHeader = false
      if (from < part.length) yield from === 0 ? part : part.subarray(from)
    }
  }
}

/** The records of a file from `start` on, a header among them; null when a quote does not close. */
export async function countRecords(file: string, start: number): Promise<number | null> {
  let [isQuoted, ends, last] = [false, 0, newline]
  for await (const part of createReadStream(file, { start, highWaterMark: 1024 * 1024 })) {
    const bytes = part as Buffer
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte >= belowBoth) continue
      if (byte === quote) isQuoted = !isQuoted
      else if (byte === newline && !isQuoted) ends++
    }
    last = bytes.at(-1) ?? last
  }
  return isQuoted ? null : ends + Number(last !== newline)
}
