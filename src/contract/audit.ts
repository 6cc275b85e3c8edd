import { closed, count, Moment, nullable, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

export const ContractAuditEntry = closed(
  {
    id: Type.String({ format: 'uuid' }),
    at: Moment,
    tenant: nullable(TenantName, 'null: it concerns the whole installation'),
    actor: Type.String({
      description: 'the token that was used (issuer and subject of an identity token), or the task that acted',
    }),
    action: Type.String({ description: 'such as secret.put, secret.deleted, secret.used' }),
    subject: Type.String({ description: 'name or id of what it was done to' }),
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  'Who did what, to what, and when',
)

export type ContractAuditEntry = Static<typeof ContractAuditEntry>

export const AuditPageOfEntries = closed({
  items: Type.Array(ContractAuditEntry),
  nextCursor: nullable(Type.String()),
})

export type AuditPageOfEntries = Static<typeof AuditPageOfEntries>

export const AuditListQuery = closed({
  tenant: Type.Optional(TenantName),
  limit: Type.Optional(count(1, 1000)),
  cursor: Type.Optional(Type.String({ format: 'uuid', description: 'the nextCursor of the page before' })),
})

export type AuditListQuery = Static<typeof AuditListQuery>
