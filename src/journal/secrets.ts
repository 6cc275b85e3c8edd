import type { AuditEntry } from './audit.ts'

/** Stored at once by one tenant; who wants more takes several values into one secret. */
export const maxSecretsPerTenant = 1_000

/** Secrets as the journal has them: encrypted before they come here, never otherwise. */
export interface SecretRecords {
  /** The keys of this store, encrypted; undefined before the first start with secrets. */
  keys(): Promise<VaultKeys | undefined>
  /** Stores the keys where there are none; resolves with those that count. */
  init(keys: VaultKeys): Promise<VaultKeys>
  /** Stores them in place of those that there are, in one commit. */
  setKeys(keys: VaultKeys): Promise<void>
  /** Some of what lies under another data key than this one, and how much that is in all. */
  under(other: number, limit: number): Promise<{ readonly rows: readonly Rewrapped[]; readonly left: number }>
  /** Stores what was encrypted anew, in one commit; what has changed or gone meanwhile stays as it is. */
  rewrap(rows: readonly Rewrapped[]): Promise<void>
  /** Deletes every data key but this one, with an entry in the audit log; false while something lies under another. */
  keepOnly(key: number, entry: AuditEntry): Promise<boolean>
  /** 0 where there is no such secret, nor was one lately: its versions go on where they were. */
  versionOf(tenant: string, name: string): Promise<number>
  /**
   * Stores it with its entry in the audit log, in one commit; nothing of either unless it is stored. For an attempt only
   * as long as it runs.
   */
  put(secret: NewSecret, entry: AuditEntry, by?: StoringAttempt): Promise<PutAnswer>
  get(tenant: string, name: string): Promise<StoredSecret | undefined>
  /** What came with a task under this name, until the task ends. */
  oneTime(task: string, name: string): Promise<Sealed | undefined>
  /** By name, those after `after`. */
  list(tenant: string, after: string, limit: number): Promise<readonly SecretListing[]>
  /** With its entry in the audit log, in one commit; false when there was none, and nothing changes. */
  delete(tenant: string, name: string, entry: AuditEntry): Promise<boolean>
  /** Forgets every secret and key: they cannot be opened any more. */
  forgetAll(): Promise<void>
}

/** `stale`: the version is not the next one any more. `too many`: the tenant has as many secrets as it may.
 *  `over`: the attempt that stores it has ended. */
export type PutAnswer = 'stored' | 'stale' | 'too many' | 'over'

/** The attempt of a task that stores a secret. */
export interface StoringAttempt {
  readonly task: string
  readonly attempt: number
}

/** Each encrypted under the master key, and under the next one while that takes its place. */
export interface VaultKeys {
  /** The one with the highest number is used for what is new. */
  readonly dataKeys: readonly WrappedKey[]
  readonly sealingKey: Uint8Array
  readonly nextSealingKey: Uint8Array | null
  readonly publicKey: Uint8Array
  /** What a passphrase is made a key with; null in stores that are older than that. */
  readonly salt: Uint8Array | null
}

export interface WrappedKey {
  readonly id: number
  readonly wrapped: Uint8Array
  readonly next: Uint8Array | null
}

/** A stored secret, or one that came with a task, to be stored under another data key. */
export type Rewrapped = Sealed & { readonly name: string } & (
    | { readonly tenant: string; readonly version: number }
    | { readonly task: string }
  )

/** Bytes under one of the store's data keys. */
export interface Sealed {
  /** Which one, by its number. */
  readonly key: number
  readonly sealed: Uint8Array
}

/** A value that comes with a task. */
export interface SealedValue extends Sealed {
  readonly name: string
}

export interface StoredSecret extends Sealed {
  readonly version: number
}

export interface NewSecret extends StoredSecret {
  readonly tenant: string
  readonly name: string
  /** Milliseconds since 1970, UTC. */
  readonly at: number
}

export interface SecretListing {
  readonly name: string
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}
