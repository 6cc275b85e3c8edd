import { zeroable } from '../system/zeroable.ts'
import { isMaskable, maxNeedleBytes, minNeedleBytes } from './parts.ts'

const nothing = Buffer.alloc(0)

/** Needles one behind the other in a single piece of memory, that grows, and is wiped where it was. */
export class Forms {
  #bytes: Buffer
  #filled = 0
  /** Where the form begins that is being written. */
  #start = 0
  #last: Buffer = nothing
  readonly starts: number[] = []
  readonly ends: number[] = []

  constructor(expectedBytes: number) {
    this.#bytes = zeroable(expectedBytes)
  }

  get bytes(): Buffer {
    return this.#bytes
  }

  write(byte: number): void {
    if (this.#filled === this.#bytes.length) this.#grow()
    this.#bytes[this.#filled++] = byte
  }

  /** Ends a form: it becomes a needle, or several when it is long. Dropped is what is too short, or like the one before. */
  close(): void {
    const form = this.#bytes.subarray(this.#start, this.#filled)
    if (form.length < minNeedleBytes || this.#last.equals(form)) {
      this.#filled = this.#start
      return
    }
    const pieces = piecesOf(form)
    // What cannot be told from ordinary text is left out, unless the form consists of nothing else.
    const maskable = pieces.filter(isMaskable)
    for (const piece of maskable.length > 0 ? maskable : pieces) {
      this.starts.push(piece.byteOffset)
      this.ends.push(piece.byteOffset + piece.length)
    }
    this.#last = form
    this.#start = this.#filled
  }

  wipe(): void {
    this.#bytes.fill(0)
  }

  #grow(): void {
    const larger = zeroable(this.#bytes.length * 2)
    larger.set(this.#bytes)
    this.#last = larger.subarray(this.#last.byteOffset, this.#last.byteOffset + this.#last.length)
    this.#bytes.fill(0)
    this.#bytes = larger
  }
}

function piecesOf(form: Buffer): Buffer[] {
  if (form.length <= maxNeedleBytes) return [form]
  const count = Math.ceil(form.length / maxNeedleBytes)
  const cut = (at: number) => Math.floor((form.length * at) / count)
  return Array.from({ length: count }, (_, at) => form.subarray(cut(at), cut(at + 1)))
}
