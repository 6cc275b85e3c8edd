import type { ListedSecret, Rotation, SealingKey, StoredVersion } from '../contract/secret.ts'
import { itemsOf, part } from './pages.ts'
import type { Rest } from './rest.ts'
import { seal } from './seal.ts'

/** Values go in, sealed to the server's key, and never come out. */
export class Secrets {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** Of 64 KiB at most. The bytes stay the caller's to wipe. */
  async put(name: string, value: Uint8Array): Promise<StoredVersion> {
    const { publicKey } = await this.#rest.get<SealingKey>('v1/secrets/public-key')
    const sealed = await seal(publicKey, name, value)
    return this.#rest.json('PUT', `v1/secrets/${part(name)}`, { json: { sealed } })
  }

  /** Puts all secrets under new keys, while tasks go on; needs an admin. `rotation` says how far that is. */
  rotate(): Promise<Rotation> {
    return this.#rest.json<Rotation>('POST', 'v1/secrets/rotation')
  }

  rotation(): Promise<Rotation> {
    return this.#rest.get<Rotation>('v1/secrets/rotation')
  }

  /** Their names and versions. */
  list(): AsyncGenerator<ListedSecret, void> {
    return itemsOf<ListedSecret>(this.#rest, 'v1/secrets')
  }

  delete(name: string): Promise<void> {
    return this.#rest.json<void>('DELETE', `v1/secrets/${part(name)}`)
  }
}
