import { closed, count, Moment, nullable, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

const limit = (most: number, description: string) =>
  nullable(
    Type.Integer({ minimum: 0, maximum: most, description: `${description}; null for the installation’s default` }),
  )

/** What bounds a tenant. Whatever is null is as the installation's settings have it. */
export const Quotas = closed({
  running: limit(10_000, 'tasks that run at once'),
  queued: limit(10_000_000, 'tasks that wait'),
  submitsPerMinute: limit(10_000_000, 'submissions a minute, which may also come all at once'),
})

export type Quotas = Static<typeof Quotas>

const { running, queued, submitsPerMinute } = Quotas.properties

const SomeQuotas = closed({
  running: Type.Optional(running),
  queued: Type.Optional(queued),
  submitsPerMinute: Type.Optional(submitsPerMinute),
})

/** Who owns tasks, secrets and quotas. */
export const ContractTenant = closed({ name: TenantName, quotas: Quotas, createdAt: Moment }, 'A tenant')

export type ContractTenant = Static<typeof ContractTenant>

export const NewTenant = closed({ name: TenantName, quotas: Type.Optional(SomeQuotas) }, 'A tenant to create')

export type NewTenant = Static<typeof NewTenant>

/** Quotas that are left out stay as they are. */
export const TenantChange = closed({ quotas: SomeQuotas })

export type TenantChange = Static<typeof TenantChange>

export const TenantPage = closed({ items: Type.Array(ContractTenant), nextCursor: nullable(Type.String()) })

export type TenantPage = Static<typeof TenantPage>

export const TenantListQuery = closed({
  limit: Type.Optional(count(1, 1000)),
  cursor: Type.Optional(Type.String({ maxLength: 64, description: 'the nextCursor of the page before' })),
})
