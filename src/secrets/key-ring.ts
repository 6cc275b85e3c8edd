import type { Sealed } from '../journal/secrets.ts'
import { decrypt, encrypt } from './cipher.ts'

/** The data keys that a vault has open. What is new is under the newest; the others open what was there before. */
export class KeyRing {
  readonly #keys: Map<number, Buffer>
  #newest: number

  /** Takes the keys over, to be wiped with it. */
  constructor(keys: ReadonlyMap<number, Buffer>) {
    this.#keys = new Map(keys)
    this.#newest = Math.max(...keys.keys())
  }

  get newest(): number {
    return this.#newest
  }

  /** Some of what there is may still be under an older key. */
  get hasOlder(): boolean {
    return this.#keys.size > 1
  }

  has(id: number): boolean {
    return this.#keys.has(id)
  }

  /** Takes over those that it does not have, and wipes the others. */
  adopt(keys: ReadonlyMap<number, Buffer>): void {
    for (const [id, key] of keys) {
      if (this.#keys.has(id)) key.fill(0)
      else this.#keys.set(id, key)
    }
    this.#newest = Math.max(...keys.keys())
  }

  keepOnly(id: number): void {
    for (const [other, key] of this.#keys) {
      if (other === id) continue
      key.fill(0)
      this.#keys.delete(other)
    }
  }

  /** Bytes as they may be stored; they stay the caller's to wipe. Throws when it was wiped. */
  encrypt(value: Uint8Array, about: string): Sealed {
    const key = this.#keys.get(this.#newest)
    if (!key) throw new Error('The vault is closed.')
    return { key: this.#newest, sealed: encrypt(key, value, about) }
  }

  /** In a buffer to be wiped; undefined for what does not open. */
  decrypt({ key, sealed }: Sealed, about: string): Buffer | undefined {
    const dataKey = this.#keys.get(key)
    if (!dataKey) return undefined
    try {
      return decrypt(dataKey, sealed, about)
    } catch {
      return undefined
    }
  }

  wipe(): void {
    for (const key of this.#keys.values()) key.fill(0)
    this.#keys.clear()
  }
}
