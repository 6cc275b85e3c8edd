import type { Pool } from '../task/task.ts'
import type { AuditEntry } from './audit.ts'

/** A token as it is kept: what it may do, and a digest of what its bearer has to send. */
export interface TokenRecord {
  /** UUIDv7; the token itself carries it. */
  readonly id: string
  /** SHA-256 of the whole token, as hex. */
  readonly digest: string
  readonly name: string
  readonly tenant: string
  readonly role: 'admin' | 'tenant'
  /** Null where it is not confined. */
  readonly pools: readonly Pool[] | null
  readonly kinds: readonly string[] | null
  readonly paths: boolean
  /** Milliseconds since 1970, UTC, like every time here. */
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly lastUsedAt: number | null
}

export interface TokenRecords {
  /** Oldest first. */
  all(): Promise<readonly TokenRecord[]>
  /** With its entry in the audit log, in one commit; false when its tenant is not there any more, and nothing changes. */
  add(token: TokenRecord, entry: AuditEntry): Promise<boolean>
  /** With its entry in the audit log, in one commit; false when there was none, and nothing changes. */
  remove(id: string, entry: AuditEntry): Promise<boolean>
  used(id: string, at: number): Promise<void>
}
