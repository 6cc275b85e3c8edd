import { Unpackable } from './refuse.ts'

export interface UnpackLimits {
  /** Of all files together. */
  readonly maxMiB: number
  /** Files, directories and links together, with the directories that only show in longer names. */
  readonly maxEntries: number
  /** How many times as large as the archive its contents may be. */
  readonly maxRatio: number
}

export const defaultUnpackLimits: UnpackLimits = { maxMiB: 2048, maxEntries: 200_000, maxRatio: 200 }

const bytesPerMiB = 1024 * 1024
/** A small archive may well hold nothing but zeroes: what is below this harms nobody. */
const harmlessBytes = 16 * bytesPerMiB

/** Counts what comes out of an archive, and stops a bomb before it is on disk. */
export class Meter {
  readonly #limits: UnpackLimits
  readonly #archiveBytes: number
  #bytes = 0
  #passingBytes = 0
  #entries = 0

  constructor(limits: UnpackLimits, archiveBytes: number) {
    this.#limits = limits
    this.#archiveBytes = archiveBytes
  }

  addBytes(count: number): void {
    this.#bytes += count
    if (this.#bytes > this.#limits.maxMiB * bytesPerMiB) {
      throw new Unpackable(`the archive unpacks to more than ${this.#limits.maxMiB} MiB`)
    }
    this.#checkRatio(this.#bytes)
  }

  /** What comes out of a decompressor, whether it becomes files or not. */
  addPassing(count: number): void {
    this.#passingBytes += count
    this.#checkRatio(this.#passingBytes)
  }

  addEntry(): void {
    const { maxEntries } = this.#limits
    this.#entries++
    if (this.#entries > maxEntries) throw new Unpackable(`the archive has more than ${maxEntries} entries`)
  }

  #checkRatio(bytes: number): void {
    const { maxRatio } = this.#limits
    if (bytes <= harmlessBytes || bytes <= this.#archiveBytes * maxRatio) return
    throw new Unpackable(`the archive unpacks to more than ${maxRatio} times its size: it is taken for a bomb`)
  }
}
