import type { AuditEntry } from './audit.ts'

/** Stored at once by one tenant; who wants more takes several values into one secret. */
export const maxSecretsPerTenant = 1_000

/** Secrets as the journal has them: encrypted before they come here, never otherwise. */
export interface SecretRecords {
  /** The keys of this store, encrypted; undefined before the first start with secrets. */
  keys(): Promise<VaultKeys | undefined>
  /** Stores the keys where there are none; resolves with those that count. */
  init(keys: VaultKeys): Promise<VaultKeys>
  /** 0 where there is no such secret, nor was one lately: its versions go on where they were. */
  versionOf(tenant: string, name: string): Promise<number>
  /** Stores it with its entry in the audit log, in one commit; nothing of either unless it is stored. */
  put(secret: NewSecret, entry: AuditEntry): Promise<PutAnswer>
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

/** `stale`: the version is not the next one any more. `too many`: the tenant has as many secrets as it may. */
export type PutAnswer = 'stored' | 'stale' | 'too many'

export interface VaultKeys {
  readonly dataKey: Uint8Array
  readonly sealingKey: Uint8Array
  readonly publicKey: Uint8Array
}

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

export interface StoredSecret {
  readonly version: number
  readonly sealed: Uint8Array
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
