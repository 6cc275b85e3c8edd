import type { JsonObject } from '../task/json.ts'

/** What somebody did that an auditor asks for: who, what, to what, when. Never a secret's value. */
export interface AuditEntry {
  /** UUIDv7. */
  readonly id: string
  /** Milliseconds since 1970, UTC. */
  readonly at: number
  /** Whose it concerns; null for what concerns the whole installation. */
  readonly tenant: string | null
  /** Id of the token that was used, or of the task that acted. */
  readonly actor: string
  /** Such as `secret.put`, `secret.used`, `token.revoked`. */
  readonly action: string
  /** Name or id of what it was done to. */
  readonly subject: string
  readonly detail: JsonObject
}

export interface AuditQuery {
  /** Only entries of this tenant. */
  readonly tenant?: string
  /** Only entries older than this id: where the page before ended. */
  readonly before?: string
  readonly limit: number
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  readonly more: boolean
}

/** Who did what: entries are only ever added. */
export interface AuditLog {
  /** Resolves once durable. */
  append(entry: AuditEntry): Promise<void>
  /** Newest first. */
  page(query: AuditQuery): Promise<AuditPage>
}
