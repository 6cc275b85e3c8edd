import type { AuditEntry } from '../journal/audit.ts'
import {
  maxSecretsPerTenant,
  type Sealed,
  type SecretListing,
  type SecretRecords,
  type StoringAttempt,
} from '../journal/secrets.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import { aboutSecret } from './about.ts'
import { KeyRing } from './key-ring.ts'
import { openKeys } from './keys.ts'
import type { MasterKey } from './master-key.ts'
import { putRefusal } from './put-refusal.ts'
import { Rotation } from './rotation.ts'
import { openSealed, type SealingKeys, sealingKeysOf } from './sealed-box.ts'
import { unlock } from './unlock.ts'
import { SecretUnavailable } from './unusable.ts'

interface Opening {
  /** Give up all secrets that there are. */
  readonly forget?: boolean
  /** The master key that was used before. */
  readonly former?: MasterKey | undefined
}

/** Secrets at rest: rows under a data key, the data key under the master key, the master key outside the journal. */
export class Vault {
  readonly #records: SecretRecords
  readonly #keys: KeyRing
  readonly #sealing: SealingKeys
  readonly rotation: Rotation

  private constructor(records: SecretRecords, key: MasterKey, keys: KeyRing, sealing: SealingKeys) {
    this.#records = records
    this.#keys = keys
    this.#sealing = sealing
    this.rotation = new Rotation({ records, key, keys })
  }

  /** Makes what a first start needs. Throws VaultUnusable when the master key is lost, or is not the one of these secrets. */
  static async open(records: SecretRecords, key: MasterKey, { forget = false, former }: Opening = {}): Promise<Vault> {
    if (forget) await records.forgetAll()
    const { keys, master } = await unlock({ records, key, former })
    try {
      const { dataKeys, sealing } = openKeys(master, keys)
      return new Vault(records, key, new KeyRing(dataKeys), sealingKeysOf(keys.publicKey, sealing))
    } finally {
      master.fill(0)
    }
  }

  /** base64url of the X25519 key that values are sealed to. */
  get publicKey(): string {
    return Buffer.from(this.#sealing.publicKey).toString('base64url')
  }

  /** Encrypts and wipes the value; resolves with the secret's version once it and its audit entry are durable. */
  async put(tenant: string, name: string, value: Buffer, at: number, actor = ourselves): Promise<number> {
    try {
      const { answer, version } = await this.#put(tenant, name, value, at, { actor })
      if (answer === 'stored') return version
      throw putRefusal(answer, name)
    } finally {
      value.fill(0)
    }
  }

  /** The same for an attempt that runs, in whose place nobody could look at a change that came before. */
  async putFor(by: StoringAttempt, tenant: string, name: string, value: Buffer, at: number): Promise<void> {
    try {
      for (let tries = 1; ; tries++) {
        const { answer } = await this.#put(tenant, name, value, at, { actor: by.task, by })
        if (answer === 'stored') return
        if (answer !== 'stale' || tries === mostTries) throw putRefusal(answer, name)
      }
    } finally {
      value.fill(0)
    }
  }

  async #put(tenant: string, name: string, value: Buffer, at: number, { actor, by }: Writer) {
    const version = (await this.#records.versionOf(tenant, name)) + 1
    const sealed = this.encrypt(value, aboutSecret(tenant, name, version))
    const detail = { version, ...(by && { attempt: by.attempt }) }
    const entry = { id: newTaskId(), tenant, actor, at, action: 'secret.put', subject: name, detail }
    return { version, answer: await this.#records.put({ tenant, name, version, ...sealed, at }, entry, by) }
  }

  /**
   * The value in a buffer to be wiped, undefined when the tenant has none of this name. Throws SecretUnavailable for one
   * that does not open.
   */
  async get(tenant: string, name: string): Promise<Buffer | undefined> {
    let stored = await this.#records.get(tenant, name)
    // It may have gone over to another key after it was read, and that one been forgotten.
    if (stored && !this.#keys.has(stored.key)) stored = await this.#records.get(tenant, name)
    if (!stored) return undefined
    const value = this.decrypt(stored, aboutSecret(tenant, name, stored.version))
    if (value) return value
    throw new SecretUnavailable(`the secret ${name} cannot be opened: store it again`)
  }

  /** Bytes as they may be stored; they stay the caller's to wipe. */
  encrypt(value: Uint8Array, about: string): Sealed {
    return this.#keys.encrypt(value, about)
  }

  /** In a buffer to be wiped; undefined for what does not open. */
  decrypt(sealed: Sealed, about: string): Buffer | undefined {
    return this.#keys.decrypt(sealed, about)
  }

  /** False when there was none. */
  delete(tenant: string, name: string, at: number, actor = ourselves): Promise<boolean> {
    const entry: AuditEntry = {
      id: newTaskId(),
      tenant,
      actor,
      at,
      action: 'secret.deleted',
      subject: name,
      detail: {},
    }
    return this.#records.delete(tenant, name, entry)
  }

  /** By name, those after `after`. */
  list(tenant: string, after = '', limit = maxSecretsPerTenant): Promise<readonly SecretListing[]> {
    return this.#records.list(tenant, after, limit)
  }

  /** What a client sealed, in a buffer to be wiped. */
  unseal(sealed: Uint8Array, name: string): Buffer {
    try {
      return openSealed(sealed, name, this.#sealing)
    } catch (error) {
      const message =
        'sealed cannot be opened: seal the value anew, with the public key of this server and for this name'
      throw new Refusal('BAD_REQUEST', message, { cause: error })
    }
  }

  /** What goes over to other keys goes on with the next start. */
  close(): void {
    this.rotation.stop()
    this.#keys.wipe()
  }
}

/** Who acts, in the audit log, when nobody from outside does. */
const ourselves = 'mayfly'

interface Writer {
  readonly actor: string
  readonly by?: StoringAttempt
}

/** Of a value that others store at the same time. */
const mostTries = 8
