import type { AuditEntry } from '../journal/audit.ts'
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

/** Who did what and when, for the journal to note together with the deed itself. */
export function entryOf(
  { tokenId }: Pick<Credential, 'tokenId'>,
  { detail = {}, ...deed }: Deed,
  now: number,
): AuditEntry {
  return { id: newTaskId(), at: now, actor: tokenId, detail, ...deed }
}
