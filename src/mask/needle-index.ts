import { zeroable } from '../system/zeroable.ts'
import type { Forms } from './forms.ts'
import { sortedForms } from './sort.ts'

/** No needle is shorter. */
const keyBytes = 4
/** So many are entered between two rests. */
const stretch = 4_096

/** Where needles may be found in a text, and which are there. */
export interface Index {
  /** The first place, from this one on, at which a needle may begin; none does before it. */
  next(text: Uint8Array, from: number): number
  /** How many bytes of the text the longest needle covers that begins here; 0 when none does. */
  longestAt(text: Uint8Array, at: number): number
  /** Whether the rest of the text is the beginning of a needle, and not all of it. */
  isBeginning(text: Uint8Array, at: number): boolean
}

/** Sorted needles, with a filter that rules out almost every place of a text by four of its bytes. */
export class NeedleIndex implements Index {
  readonly #forms: Forms
  readonly #bytes: Buffer
  /** Where each begins and ends, in their order. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  /** For each the longest other needle that it begins with, -1 for none. */
  readonly #parents: Int32Array
  readonly #filter: Buffer
  readonly #shift: number

  private constructor(forms: Forms, order: Int32Array) {
    this.#forms = forms
    this.#bytes = forms.bytes
    this.#starts = order.map((form) => forms.starts[form] as number)
    this.#ends = order.map((form) => forms.ends[form] as number)
    this.#parents = new Int32Array(order.length)
    const bits = filterBits(order.length)
    this.#shift = 32 - bits
    this.#filter = zeroable(2 ** bits)
  }

  /** Takes the forms over; they are wiped also when this is given up before its end. It may rest wherever it yields. */
  static *of(forms: Forms): Generator<undefined, NeedleIndex> {
    let index: NeedleIndex | undefined
    let isWhole = false
    try {
      index = new NeedleIndex(forms, yield* sortedForms(forms))
      for (let needle = 0; needle < index.size; needle++) {
        index.#enter(needle)
        if (needle % stretch === 0) yield
      }
      isWhole = true
      return index
    } finally {
      if (!isWhole) (index ?? forms).wipe()
    }
  }

  get size(): number {
    return this.#starts.length
  }

  wipe(): void {
    this.#forms.wipe()
    this.#filter.fill(0)
  }

  next(text: Uint8Array, from: number): number {
    const [filter, shift, last] = [this.#filter, this.#shift, text.length - keyBytes]
    if (from > last) return from
    let word = wordAt(text, from)
    for (let at = from; ; word = (word << 8) | (text[at + keyBytes - 1] as number)) {
      if (filter[slotOf(word, shift)] === 1) return at
      if (++at > last) return at
    }
  }

  longestAt(text: Uint8Array, at: number): number {
    let needle = this.#firstAfter(text, at) - 1
    while (needle >= 0 && this.#common(needle, text, at) < this.#length(needle))
      needle = this.#parents[needle] as number
    return needle < 0 ? 0 : this.#length(needle)
  }

  isBeginning(text: Uint8Array, at: number): boolean {
    const needle = this.#firstAfter(text, at)
    return needle < this.size && this.#common(needle, text, at) === text.length - at
  }

  #enter(needle: number): void {
    const bytes = this.#bytes.subarray(this.#starts[needle], this.#ends[needle])
    let parent = needle - 1
    while (parent >= 0 && this.#common(parent, bytes, 0) < this.#length(parent))
      parent = this.#parents[parent] as number
    this.#parents[needle] = parent
    this.#filter[slotOf(wordAt(bytes, 0), this.#shift)] = 1
  }

  /** The first needle that sorts after the rest of the text: needles that the rest begins with come before it. */
  #firstAfter(text: Uint8Array, at: number): number {
    let [low, high] = [0, this.size]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#isAfter(middle, text, at)) high = middle
      else low = middle + 1
    }
    return low
  }

  #isAfter(needle: number, text: Uint8Array, at: number): boolean {
    const common = this.#common(needle, text, at)
    if (common === this.#length(needle)) return false
    if (at + common === text.length) return true
    return (this.#bytes[(this.#starts[needle] as number) + common] as number) > (text[at + common] as number)
  }

  /** How many bytes of the needle the text has here, from its first. */
  #common(needle: number, text: Uint8Array, at: number): number {
    const [bytes, start] = [this.#bytes, this.#starts[needle] as number]
    const length = Math.min(this.#length(needle), text.length - at)
    let common = 0
    while (common < length && bytes[start + common] === text[at + common]) common++
    return common
  }

  #length(needle: number): number {
    return (this.#ends[needle] as number) - (this.#starts[needle] as number)
  }
}

/** So many that hardly one place in 250 is looked at for nothing, up to 4 MiB. */
function filterBits(needles: number): number {
  return Math.min(Math.ceil(Math.log2(needles + 1)) + 8, 22)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return byteAt(bytes, at, 24) | byteAt(bytes, at + 1, 16) | byteAt(bytes, at + 2, 8) | byteAt(bytes, at + 3, 0)
}

function byteAt(bytes: Uint8Array, at: number, shift: number): number {
  return (bytes[at] as number) << shift
}

function slotOf(word: number, shift: number): number {
  return Math.imul(word, 0x9e3779b1) >>> shift
}
