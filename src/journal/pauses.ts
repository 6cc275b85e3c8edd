import type { Pool } from '../task/task.ts'
import type { AuditEntry } from './audit.ts'

/** Tasks that match all that is not null here are not started. */
export interface PauseRecord {
  /** UUIDv7. */
  readonly id: string
  readonly kind: string | null
  readonly pool: Pool | null
  readonly tenant: string | null
  readonly key: string | null
  readonly reason: string | null
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number
}

export interface PauseRecords {
  /** Oldest first. */
  all(): Promise<readonly PauseRecord[]>
  /** With its entry in the audit log, in one commit. */
  add(pause: PauseRecord, entry: AuditEntry): Promise<void>
  /** With its entry in the audit log, in one commit; false when there was none, and nothing changes. */
  remove(id: string, entry: AuditEntry): Promise<boolean>
}
