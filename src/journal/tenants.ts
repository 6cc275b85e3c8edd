import type { AuditEntry } from './audit.ts'

/** What a tenant may use, null where the installation's settings say. */
export interface TenantQuotas {
  readonly running: number | null
  readonly queued: number | null
  readonly submitsPerMinute: number | null
}

export interface TenantRecord {
  readonly name: string
  readonly quotas: TenantQuotas
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number
}

/** Each change comes with its entry in the audit log, in one commit; nothing of either unless it is carried out. */
export interface TenantRecords {
  /** Every tenant that was not removed, by name. The tenant `default` is there from the beginning. */
  all(): Promise<readonly TenantRecord[]>
  /** False when the name is or was a tenant's: what an earlier one left is never another's. */
  add(tenant: TenantRecord, entry: AuditEntry): Promise<boolean>
  /**
   * Quotas that are left out stay; resolves with the tenant as it is then, undefined when there is none. The entry's
   * detail says the quotas as they are then.
   */
  change(name: string, quotas: Partial<TenantQuotas>, entry: AuditEntry): Promise<TenantRecord | undefined>
  /** Removes the tenant with its tokens, pauses, schedules and secrets, unless it has a task that has not ended. */
  remove(name: string, entry: AuditEntry): Promise<'removed' | 'unknown' | 'busy'>
}
