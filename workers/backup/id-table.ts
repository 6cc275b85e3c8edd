/** A map from ids to ids, and a set of them, in flat memory: 34 to 69 bytes for a pair, and half of that for an id. */
import { type Packed, packId, unpackId } from './ids.ts'

const keyWords = 3
const fullest = 0.7

/** Open addressing: an id is where its hash says, or in the next free place. */
class Slots {
  #table: Uint32Array
  #places: number
  size = 0
  readonly #words: number

  constructor(words: number) {
    this.#words = words
    this.#places = 64
    this.#table = new Uint32Array(this.#places * words)
  }

  /** Where the key stands in `table`, or where it would. */
  at(key: Packed): number {
    const last = this.#places - 1
    for (let place = hash(key) & last; ; place = (place + 1) & last) {
      const start = place * this.#words
      if (this.isFree(start) || this.#holds(start, key)) return start
    }
  }

  /** No id is all zeros: that is what the empty key of a lookup looks like. */
  isFree(start: number): boolean {
    const table = this.#table
    return table[start] === 0 && table[start + 1] === 0 && table[start + 2] === 0
  }

  #holds(start: number, key: Packed): boolean {
    const table = this.#table
    return table[start] === key[0] && table[start + 1] === key[1] && table[start + 2] === key[2]
  }

  /** Whether it was not there before. */
  put(key: Packed, value?: Packed): boolean {
    if (this.size >= this.#places * fullest) this.#grow()
    const start = this.at(key)
    const isNew = this.isFree(start)
    this.#table.set(key, start)
    if (value) this.#table.set(value, start + keyWords)
    if (isNew) this.size += 1
    return isNew
  }

  read(start: number): Packed {
    const table = this.#table
    return [table[start] ?? 0, table[start + 1] ?? 0, table[start + 2] ?? 0]
  }

  #grow(): void {
    const old = this.#table
    this.#places *= 2
    this.#table = new Uint32Array(this.#places * this.#words)
    for (let start = 0; start < old.length; start += this.#words) {
      const key: Packed = [old[start] ?? 0, old[start + 1] ?? 0, old[start + 2] ?? 0]
      if (key[0] === 0 && key[1] === 0 && key[2] === 0) continue
      this.#table.set(old.subarray(start, start + this.#words), this.at(key))
    }
  }
}

function hash([first, second, third]: Packed): number {
  // What differs between ids of one object are their last characters.
  let mixed = Math.imul(third, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b) ^ Math.imul(first, 0xc2b2ae35)
  mixed ^= mixed >>> 15
  mixed = Math.imul(mixed, 0x2c1b3c6d)
  return (mixed ^ (mixed >>> 13)) >>> 0
}

/** Ids with 15 and with 18 characters are the same. */
export class IdSet {
  readonly #slots = new Slots(keyWords)

  get size(): number {
    return this.#slots.size
  }

  has(id: string): boolean {
    const key = packId(id)
    return key !== undefined && !this.#slots.isFree(this.#slots.at(key))
  }

  /** Whether it was not there before. Throws for what is no id. */
  add(id: string): boolean {
    return this.#slots.put(packed(id))
  }
}

/** From each id to one other. */
export class IdMap {
  readonly #slots = new Slots(2 * keyWords)

  get size(): number {
    return this.#slots.size
  }

  set(from: string, to: string): void {
    this.#slots.put(packed(from), packed(to))
  }

  get(from: string): string | undefined {
    const key = packId(from)
    if (!key) return
    const start = this.#slots.at(key)
    return this.#slots.isFree(start) ? undefined : unpackId(this.#slots.read(start + keyWords))
  }
}

function packed(id: string): Packed {
  const key = packId(id)
  if (key) return key
  throw new Error(`this is no id of Salesforce: ${JSON.stringify(id.slice(0, 40))}`)
}
