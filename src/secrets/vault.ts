import type { AuditEntry } from '../journal/audit.ts'
import { maxSecretsPerTenant, type Sealed, type SecretListing, type SecretRecords } from '../journal/secrets.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import { decrypt, encrypt, newKey } from './cipher.ts'
import { type KeyPlace, makeMasterKey, readMasterKey } from './master-key.ts'
import { newSealingKeys, openSealed, type SealingKeys, sealingKeysOf } from './sealed-box.ts'
import { SecretUnavailable, VaultUnusable } from './unusable.ts'

const aboutDataKey = 'mayfly.data-key.v1'
const aboutSealingKey = 'mayfly.sealing-key.v1'

/** Secrets at rest: rows under a data key, the data key under the master key, the master key outside the journal. */
export class Vault {
  readonly #records: SecretRecords
  readonly #dataKey: Buffer
  readonly #sealing: SealingKeys

  private constructor(records: SecretRecords, dataKey: Buffer, sealing: SealingKeys) {
    this.#records = records
    this.#dataKey = dataKey
    this.#sealing = sealing
  }

  /** Makes what a first start needs. Throws VaultUnusable when the master key is lost, or is not the one of these secrets. */
  static async open(records: SecretRecords, place: KeyPlace, forget = false): Promise<Vault> {
    if (forget) await records.forgetAll()
    const stored = await records.keys()
    const master = readMasterKey(place) ?? (stored ? lost(place) : makeFor(place))
    try {
      const keys = stored ?? (await records.init(makeKeys(master)))
      const dataKey = unwrap(master, keys.dataKey, aboutDataKey, place)
      try {
        const privateBytes = unwrap(master, keys.sealingKey, aboutSealingKey, place)
        return new Vault(records, dataKey, sealingKeysOf(keys.publicKey, privateBytes))
      } catch (error) {
        dataKey.fill(0)
        throw error
      }
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
      const version = (await this.#records.versionOf(tenant, name)) + 1
      const sealed = encrypt(this.#dataKey, value, aboutSecret(tenant, name, version))
      const entry = { tenant, actor, at, action: 'secret.put', subject: name, detail: { version } }
      const answer = await this.#records.put({ tenant, name, version, sealed, at }, { id: newTaskId(), ...entry })
      if (answer === 'stored') return version
      throw answer === 'stale' ? changedMeanwhile(name) : tooMany()
    } finally {
      value.fill(0)
    }
  }

  /**
   * The value in a buffer to be wiped, undefined when the tenant has none of this name. Throws SecretUnavailable for one
   * that does not open.
   */
  async get(tenant: string, name: string): Promise<Buffer | undefined> {
    const stored = await this.#records.get(tenant, name)
    if (!stored) return undefined
    try {
      return decrypt(this.#dataKey, stored.sealed, aboutSecret(tenant, name, stored.version))
    } catch (error) {
      throw new SecretUnavailable(`the secret ${name} cannot be opened: store it again`, { cause: error })
    }
  }

  /** Bytes as they may be stored; they stay the caller's to wipe. */
  encrypt(value: Uint8Array, about: string): Sealed {
    return { key: 1, sealed: encrypt(this.#dataKey, value, about) }
  }

  /** In a buffer to be wiped; undefined for what does not open. */
  decrypt({ sealed }: Sealed, about: string): Buffer | undefined {
    try {
      return decrypt(this.#dataKey, sealed, about)
    } catch {
      return undefined
    }
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

  close(): void {
    this.#dataKey.fill(0)
  }
}

/** Who acts, in the audit log, when nobody from outside does. */
const ourselves = 'mayfly'

function changedMeanwhile(name: string): Refusal {
  return new Refusal('CONFLICT', `the secret ${name} was changed at the same time: look at it, and try again`)
}

function tooMany(): Refusal {
  return new Refusal(
    'CONFLICT',
    `there are ${maxSecretsPerTenant} secrets, as many as one tenant may have: delete one that is not used any more`,
  )
}

/** A row that was moved to another tenant, name or version does not open. */
function aboutSecret(tenant: string, name: string, version: number): string {
  return `${tenant}|${name}|${version}`
}

function makeKeys(master: Uint8Array) {
  const dataKey = newKey()
  const { publicKey, privateBytes } = newSealingKeys()
  try {
    return {
      dataKey: encrypt(master, dataKey, aboutDataKey),
      sealingKey: encrypt(master, privateBytes, aboutSealingKey),
      publicKey,
    }
  } finally {
    dataKey.fill(0)
    privateBytes.fill(0)
  }
}

function makeFor(place: KeyPlace): Buffer {
  if (place.canMake) return makeMasterKey(place)
  throw new VaultUnusable(`There is no master key at ${place.path}.`)
}

function lost({ path }: KeyPlace): never {
  throw new VaultUnusable(
    `The master key ${path} is missing, and without it no stored secret can be opened: put it back from a backup. ` +
      'To give up all secrets instead, start once with --forget-secrets.',
  )
}

function unwrap(master: Uint8Array, wrapped: Uint8Array, about: string, { path }: KeyPlace): Buffer {
  try {
    return decrypt(master, wrapped, about)
  } catch (error) {
    throw new VaultUnusable(
      `The master key ${path} is not the one that the stored secrets were encrypted with: put the right one back. ` +
        'To give up all secrets instead, start once with --forget-secrets.',
      { cause: error },
    )
  }
}
