/** Secrets as the journal has them: encrypted before they come here, never otherwise. */
export interface SecretRecords {
  /** The keys of this store, encrypted; undefined before the first start with secrets. */
  keys(): Promise<VaultKeys | undefined>
  /** Stores the keys where there are none; resolves with those that count. */
  init(keys: VaultKeys): Promise<VaultKeys>
  /** 0 where there is no such secret, nor ever was: a version is never given twice. */
  versionOf(tenant: string, name: string): Promise<number>
  /** False when the version is not the next one any more. */
  put(secret: NewSecret): Promise<boolean>
  get(tenant: string, name: string): Promise<StoredSecret | undefined>
  list(tenant: string): Promise<readonly SecretListing[]>
  /** False when there was none. */
  delete(tenant: string, name: string): Promise<boolean>
  /** Forgets every secret and key: they cannot be opened any more. */
  forgetAll(): Promise<void>
}

export interface VaultKeys {
  readonly dataKey: Uint8Array
  readonly sealingKey: Uint8Array
  readonly publicKey: Uint8Array
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
