import { ConcurrencyKey, closed, KindName, Moment, nullable, PoolName, Reason, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** Tasks that match everything it names are not started. Those that run go on. */
export const PauseRequest = closed(
  {
    kind: Type.Optional(KindName),
    pool: Type.Optional(PoolName),
    tenant: Type.Optional(TenantName),
    key: Type.Optional(ConcurrencyKey),
    reason: Type.Optional(Reason),
  },
  'Which tasks not to start: those that match all that is said. A tenant’s token pauses only tasks of the tenant.',
)

export type PauseRequest = Static<typeof PauseRequest>

export const ContractPause = closed(
  {
    id: Type.String({ format: 'uuid' }),
    kind: nullable(KindName),
    pool: nullable(PoolName),
    tenant: nullable(TenantName),
    key: nullable(ConcurrencyKey),
    reason: nullable(Reason),
    createdAt: Moment,
  },
  'Tasks that match everything it names are not started until it is deleted',
)

export type ContractPause = Static<typeof ContractPause>

export const PauseList = closed({ items: Type.Array(ContractPause), nextCursor: Type.Null() })

export type PauseList = Static<typeof PauseList>
