/** Where a CSV file can be cut: between records, and a record may have line ends inside quotes. Read once, as it streams. */
import { createReadStream } from 'node:fs'
import { FatalError, invalidInput } from '../../errors/steering.ts'

export interface Chunk {
  /** Of the file, without the header that each upload begins with. */
  readonly start: number
  readonly end: number
  readonly records: number
}

export interface Split {
  readonly header: { readonly start: number; readonly end: number }
  readonly lineEnding: 'LF' | 'CRLF'
  readonly chunks: readonly Chunk[]
  readonly records: number
}

const [newline, carriageReturn, quote] = [0x0a, 0x0d, 0x22]
const bom = Buffer.from('\ufeff')

/** Rejects when there is no record, when quotes do not close, or when one record alone is larger than a chunk. */
export async function splitCsv(file: string, chunkBytes: number): Promise<Split> {
  const splitter = new Splitter(chunkBytes)
  for await (const part of createReadStream(file, { highWaterMark: 1024 * 1024 })) splitter.add(part as Buffer)
  return splitter.end()
}

/** The pure part: it is given the bytes, and says where the cuts are. */
export class Splitter {
  readonly #chunkBytes: number
  readonly #chunks: Chunk[] = []
  #at = 0
  #isQuoted = false
  #headerStart = 0
  /** Behind the header; null while it is being read. */
  #headerEnd: number | null = null
  #lineEnding: Split['lineEnding'] = 'LF'
  #start = 0
  /** Behind the last whole record. */
  #end = 0
  #records = 0
  #last = 0

  constructor(chunkBytes: number) {
    this.#chunkBytes = chunkBytes
  }

  add(part: Buffer): void {
    let from = 0
    if (this.#at === 0 && part.subarray(0, bom.length).equals(bom)) this.#headerStart = from = bom.length
    for (let at = from; at < part.length; at++) {
      const byte = part[at]
      if (byte === quote) this.#isQuoted = !this.#isQuoted
      else if (byte === newline && !this.#isQuoted) this.#recordEnds(this.#at + at + 1, part[at - 1] ?? this.#last)
    }
    this.#last = part.at(-1) ?? this.#last
    this.#at += part.length
  }

  end(): Split {
    if (this.#isQuoted) throw invalidInput('the CSV has a quote that does not close: "" stands for one inside quotes')
    if (this.#at > (this.#headerEnd === null ? this.#headerStart : this.#end)) this.#recordEnds(this.#at, 0)
    this.#cut()
    const records = this.#chunks.reduce((sum, chunk) => sum + chunk.records, 0)
    if (this.#headerEnd === null || records === 0) throw invalidInput('the CSV has no records behind its header')
    const header = { start: this.#headerStart, end: this.#headerEnd }
    return { header, lineEnding: this.#lineEnding, chunks: this.#chunks, records }
  }

  #recordEnds(end: number, before: number): void {
    if (this.#headerEnd === null) {
      this.#headerEnd = this.#start = this.#end = end
      if (before === carriageReturn) this.#lineEnding = 'CRLF'
      return
    }
    const header = this.#headerEnd - this.#headerStart
    if (end - this.#start + header > this.#chunkBytes) this.#cut()
    if (end - this.#start + header > this.#chunkBytes) {
      throw new FatalError(
        `a record of the CSV, at byte ${this.#start}, is larger than chunkBytes (${this.#chunkBytes})`,
      )
    }
    this.#end = end
    this.#records++
  }

  #cut(): void {
    if (this.#records > 0) this.#chunks.push({ start: this.#start, end: this.#end, records: this.#records })
    this.#start = this.#end
    this.#records = 0
  }
}
