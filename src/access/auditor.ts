import type { AuditLog } from '../journal/audit.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import type { JsonObject } from '../task/json.ts'
import type { Credential } from './credential.ts'

/** What was done to what, for the audit log. */
export interface Deed {
  readonly action: string
  readonly subject: string
  /** Whose it concerns; null for the whole installation. */
  readonly tenant: string | null
  readonly detail?: JsonObject
}

/** Notes who did what; resolves once durable. */
export type Audit = (by: Pick<Credential, 'tokenId'>, deed: Deed) => Promise<void>

export function auditor(log: AuditLog, clock: Pick<Clock, 'now'>): Audit {
  return ({ tokenId }, { detail = {}, ...deed }) =>
    log.append({ id: newTaskId(), at: clock.now(), actor: tokenId, detail, ...deed })
}
