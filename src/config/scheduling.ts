/** Schemas of what the scheduler obeys: pools, kinds, what tenants may by default, preemption. */
import { closed, KindName, nullable, TimeZone } from '../contract/fragments.ts'
import { perPool, quota } from '../contract/quota.ts'
import { type Static, type TSchema, Type } from '../contract/schema.ts'
import { DAYS } from '../schedule/hours.ts'

const mostTasks = 10_000
const mostWindows = 50

const TimeOfDay = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  description: 'a time of the day, 00:00 to 23:59',
})

const Window = closed(
  {
    days: Type.Optional(
      Type.Array(Type.Enum([...DAYS]), {
        minItems: 1,
        maxItems: 7,
        description: 'on which it opens; all when left out',
      }),
    ),
    from: TimeOfDay,
    to: TimeOfDay,
    timeZone: Type.Optional(TimeZone),
    atEnd: Type.Optional(
      Type.Enum(['finish', 'preempt'], {
        description: 'what still runs when it closes may finish (unless said otherwise), or is preempted',
      }),
    ),
  },
  'a time of the day at which it is open, in its time zone or the tenant’s; to an earlier or the same time: of the next day',
)

const Windows = Type.Array(Window, { maxItems: mostWindows })

const atMost = (description: string) =>
  nullable(
    Type.Integer({ minimum: 1, maximum: mostTasks, description }),
    `${description}; null: as many as there are slots`,
  )

const bounds = {
  max: atMost('tasks of it that run at once'),
  share: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'the part of the shared slots that it may take, 0 to 1; inside its windows it may take all',
  }),
  windows: Windows,
}

const Pool = closed({
  min: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'shared slots that are kept for it',
  }),
  ...bounds,
})

export const Pools = closed({
  critical: closed(bounds, 'it has criticalSlots of its own, and takes free shared ones'),
  normal: Pool,
  batch: Pool,
})

export type Pools = Static<typeof Pools>

export const ByKind = Type.Record(
  KindName,
  closed({
    running: Type.Optional(atMost('tasks of it that run at once, of all tenants')),
    windows: Type.Optional(Windows),
  }),
  { additionalProperties: false, description: 'by the name of a kind; outside of its windows nothing of it starts' },
)

export type ByKind = Static<typeof ByKind>

const unbounded = <const S extends TSchema>(schema: S) => nullable(schema, 'null: no limit')

export function mebibytes(description: string) {
  return nullable(Type.Integer({ minimum: 16, maximum: 1024 * 1024 * 1024, description }), description)
}

const { weight, running, queued, submitsPerMinute, memoryMiB, processSecondsPerDay, runSeconds, timeZone } = quota

export const TenantDefaults = closed(
  {
    weight,
    running: unbounded(running),
    poolRunning: perPool(unbounded(running), 'tasks of a pool that run at once'),
    queued,
    poolQueued: perPool(unbounded(queued), 'tasks of a pool that wait'),
    submitsPerMinute,
    memoryMiB: unbounded(memoryMiB),
    processSecondsPerDay: unbounded(processSecondsPerDay),
    runSeconds: unbounded(runSeconds),
    timeZone,
  },
  'what holds for each tenant that has no quota of its own',
)

export type TenantDefaults = Static<typeof TenantDefaults>

export const Preemption = closed({
  exemptSeconds: Type.Number({
    minimum: 0,
    maximum: 86_400,
    description: 'seconds for which an attempt is left alone',
  }),
  most: Type.Integer({
    minimum: 0,
    maximum: 1_000,
    description: 'how often a task is ended for others: then no more, but at the end of a window',
  }),
})

export type Preemption = Static<typeof Preemption>
