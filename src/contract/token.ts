import { POOLS } from '../task/task.ts'
import { closed, KindName, LabelValue, Moment, nullable, PoolName, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'
import { TenantListQuery } from './tenant.ts'

const secondsOfTenYears = 10 * 365 * 86_400

export const Role = Type.Enum(['admin', 'tenant'])

export const TokenPools = Type.Array(PoolName, {
  minItems: 1,
  maxItems: POOLS.length,
  description: 'the pools that it may use, whatever the pool of a kind; left out: the pool of the kind or a lower one',
})

export const TokenKinds = Type.Array(KindName, {
  minItems: 1,
  maxItems: 100,
  description: 'the kinds that it may submit; left out: all',
})

/** A token without its secret, which nobody can see again. */
export const ContractToken = closed(
  {
    id: Type.String({ format: 'uuid' }),
    name: Type.String({ description: 'what it is for' }),
    tenant: TenantName,
    role: Role,
    pools: nullable(TokenPools),
    kinds: nullable(TokenKinds),
    paths: Type.Boolean({ description: 'it may submit tasks that read directories of the machine' }),
    createdAt: Moment,
    expiresAt: nullable(Moment),
    lastUsedAt: nullable(Moment, 'to some minutes'),
  },
  'A token, without its secret',
)

export type ContractToken = Static<typeof ContractToken>

/** What a token is to be able to do. An admin token may do everything, and so is never confined. */
export const NewToken = closed(
  {
    name: Type.Optional(LabelValue),
    tenant: Type.Optional(TenantName),
    role: Type.Optional(Role),
    pools: Type.Optional(TokenPools),
    kinds: Type.Optional(TokenKinds),
    paths: Type.Optional(Type.Boolean()),
    expiresInSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: secondsOfTenYears })),
  },
  'A token to create: for the tenant of the request and with the role tenant, unless it says otherwise',
)

export type NewToken = Static<typeof NewToken>

export const CreatedToken = closed(
  { ...ContractToken.properties, token: Type.String({ description: 'what to send as Bearer; shown this once' }) },
  'A token and its secret',
)

export type CreatedToken = Static<typeof CreatedToken>

export const TokenPage = closed({ items: Type.Array(ContractToken), nextCursor: nullable(Type.String()) })

export type TokenPage = Static<typeof TokenPage>

export const TokenListQuery = closed({
  ...TenantListQuery.properties,
  tenant: Type.Optional(TenantName),
})
