import { POOLS, type Pool } from '../task/task.ts'
import { closed, nullable, TimeZone } from './fragments.ts'
import { type Static, type TSchema, Type } from './schema.ts'

const mostTasks = 10_000_000
const daySeconds = 86_400
const tebibyteMiB = 1024 * 1024

const count = (maximum: number, description: string) => Type.Integer({ minimum: 0, maximum, description })

/** What can bound a tenant, whoever says it: for the tenant itself, or for all that have nothing of their own. */
export const quota = {
  weight: Type.Number({
    minimum: 0.01,
    maximum: 1_000,
    description: 'its part of the process time in a pool, against that of others that want some: 0.01 to 1000',
  }),
  running: count(10_000, 'tasks that run at once'),
  queued: count(mostTasks, 'tasks that wait'),
  submitsPerMinute: count(mostTasks, 'submissions a minute, which may also come all at once'),
  memoryMiB: Type.Integer({
    minimum: 16,
    maximum: 1024 * tebibyteMiB,
    description: 'what its running tasks may use together, by their limits',
  }),
  processSecondsPerDay: Type.Number({
    minimum: 0,
    maximum: 10_000 * daySeconds,
    description: 'process time of a day, UTC, in seconds: when it is used up, the tenant’s tasks wait for the next day',
  }),
  runSeconds: Type.Number({
    minimum: 0.1,
    maximum: 7 * daySeconds,
    description: 'seconds that an attempt may take, at the most that a task may ask for',
  }),
  timeZone: TimeZone,
}

/** Process time that a tenant has used, and may use. */
export const ProcessTime = closed(
  {
    today: Type.Number({ minimum: 0, description: 'seconds used of this day, UTC' }),
    perDay: nullable(Type.Number(), 'seconds of a day that may be used; null: no limit'),
  },
  'process time',
)

export type ProcessTime = Static<typeof ProcessTime>

/** One for each pool. */
export function perPool<const S extends TSchema>(schema: S, description: string) {
  return closed({ critical: schema, normal: schema, batch: schema }, description)
}

export type PerPool<T> = Readonly<Record<Pool, T>>

export function forEachPool<T>(make: (pool: Pool) => T): PerPool<T> {
  return Object.fromEntries(POOLS.map((pool) => [pool, make(pool)])) as PerPool<T>
}
