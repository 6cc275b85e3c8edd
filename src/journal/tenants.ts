import type { Pool } from '../task/task.ts'
import type { AuditEntry } from './audit.ts'

type PerPool = Readonly<Record<Pool, number | null>>

/** What a tenant may use, null where the installation's settings say. */
export interface TenantQuotas {
  readonly weight: number | null
  readonly running: number | null
  readonly poolRunning: PerPool
  readonly queued: number | null
  readonly poolQueued: PerPool
  readonly submitsPerMinute: number | null
  readonly memoryMiB: number | null
  readonly processSecondsPerDay: number | null
  readonly runSeconds: number | null
  /** IANA name. */
  readonly timeZone: string | null
}

const ofNoPool: PerPool = { critical: null, normal: null, batch: null }

export const noQuotas: TenantQuotas = {
  weight: null,
  running: null,
  poolRunning: ofNoPool,
  queued: null,
  poolQueued: ofNoPool,
  submitsPerMinute: null,
  memoryMiB: null,
  processSecondsPerDay: null,
  runSeconds: null,
  timeZone: null,
}

/** A change of quotas: what is left out stays, of pools too. */
export type QuotaChange = Partial<Omit<TenantQuotas, 'poolRunning' | 'poolQueued'>> & {
  readonly poolRunning?: Partial<PerPool>
  readonly poolQueued?: Partial<PerPool>
}

export function changedQuotas(quotas: TenantQuotas, change: QuotaChange): TenantQuotas {
  return {
    ...quotas,
    ...change,
    poolRunning: { ...quotas.poolRunning, ...change.poolRunning },
    poolQueued: { ...quotas.poolQueued, ...change.poolQueued },
  }
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
  change(name: string, change: QuotaChange, entry: AuditEntry): Promise<TenantRecord | undefined>
  /** Removes the tenant with its tokens, pauses, schedules and secrets, unless it has a task that has not ended. */
  remove(name: string, entry: AuditEntry): Promise<'removed' | 'unknown' | 'busy'>
}
