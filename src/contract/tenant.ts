import { closed, count, Moment, nullable, TenantName } from './fragments.ts'
import { ProcessTime, perPool, quota } from './quota.ts'
import { type Static, type TSchema, Type } from './schema.ts'

const orDefault = <const S extends TSchema>(schema: S) => nullable(schema, 'null: the installation’s default')

const { weight, running, queued, submitsPerMinute, memoryMiB, processSecondsPerDay, runSeconds, timeZone } = quota

const poolRunning = perPool(orDefault(running), 'tasks of a pool that run at once')
const poolQueued = perPool(orDefault(queued), 'tasks of a pool that wait')

const single = {
  weight: orDefault(weight),
  running: orDefault(running),
  queued: orDefault(queued),
  submitsPerMinute: orDefault(submitsPerMinute),
  memoryMiB: orDefault(memoryMiB),
  processSecondsPerDay: orDefault(processSecondsPerDay),
  runSeconds: orDefault(runSeconds),
  timeZone: orDefault(timeZone),
}

/** What bounds a tenant. Whatever is null is as the installation's settings have it. */
export const Quotas = closed({ ...single, poolRunning, poolQueued })

export type Quotas = Static<typeof Quotas>

type Optional<S extends TSchema> = ReturnType<typeof Type.Optional<S>>

/** The same schemas, each of which may be left out. */
function some<const P extends Readonly<Record<string, TSchema>>>(properties: P) {
  const entries = Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])
  return Object.fromEntries(entries) as { [N in keyof P]: Optional<P[N]> }
}

const SomeQuotas = closed({
  ...some(single),
  poolRunning: Type.Optional(closed(some(poolRunning.properties))),
  poolQueued: Type.Optional(closed(some(poolQueued.properties))),
})

export type SomeQuotas = Static<typeof SomeQuotas>

/** Who owns tasks, secrets and quotas. */
export const ContractTenant = closed(
  { name: TenantName, quotas: Quotas, processTime: ProcessTime, createdAt: Moment },
  'A tenant',
)

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
