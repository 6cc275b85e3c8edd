/** What a client sent for tasks to use; the bytes lie in a file. */
export interface Upload {
  /** UUIDv7. */
  readonly id: string
  readonly tenant: string
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
  /** Milliseconds since 1970, UTC. */
  readonly at: number
}

/** What a tenant may have stored at once. */
export interface UploadRoom {
  readonly bytes: number
  readonly count: number
}

export type UploadPlace = Pick<Upload, 'id' | 'tenant'>

/** The uploads that there are. While a task that has not ended refers to one, it stays. */
export interface Uploads {
  /** Resolves once durable; false when that would be more than the tenant's room: then nothing is added. */
  add(upload: Upload, room: UploadRoom): Promise<boolean>
  /** What a tenant has stored. */
  stored(tenant: string): Promise<UploadRoom>
  /** Of these ids the ones that there are. */
  known(ids: readonly string[]): Promise<readonly string[]>
  /** Forgets some that came before this time and are not in use, and tells which: their files may go. */
  prune(before: number, limit: number): Promise<readonly UploadPlace[]>
}
