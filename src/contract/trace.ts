import { ConcurrencyKey, closed, count, KindName, Moment, PoolName, seconds, TenantName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

const yearSeconds = 365 * 86_400

/** A line of a trace: a task that came at some time and took so long. */
export const TraceTask = closed({
  at: Moment,
  tenant: TenantName,
  kind: KindName,
  pool: PoolName,
  seconds: seconds(0, yearSeconds),
  priority: Type.Optional(seconds(-3600, 3600)),
  key: Type.Optional(ConcurrencyKey),
  limit: Type.Optional(count(1, 1000)),
  memoryMiB: Type.Optional(count(0, 1024 * 1024)),
  checkpointSeconds: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description: 'seconds from one checkpoint to the next; left out: it saves none',
    }),
  ),
  ttlSeconds: Type.Optional(seconds(0.1, yearSeconds)),
})

export type TraceTask = Static<typeof TraceTask>
