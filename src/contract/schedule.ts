import { STATES } from '../task/states.ts'
import {
  closed,
  count,
  KindName,
  LabelValue,
  Moment,
  nullable,
  seconds,
  TenantName,
  TimeZone as ZoneName,
} from './fragments.ts'
import { TaskRequest } from './request.ts'
import { type Static, Type } from './schema.ts'

const daySeconds = 86_400

export const OVERLAPS = ['skip', 'queue', 'replace'] as const
export const CATCH_UPS = ['none', 'latest', 'all'] as const
/** What became of a tick: its task was submitted; or why there is none. */
export const FIRE_OUTCOMES = ['fired', 'skipped', 'refused', 'missed'] as const

export type Overlap = (typeof OVERLAPS)[number]
export type CatchUp = (typeof CATCH_UPS)[number]
export type FireOutcome = (typeof FIRE_OUTCOMES)[number]

/** What the task of a tick is labelled with: the schedule's id, and the tick's time. */
export const scheduleLabel = 'mayfly/schedule'
export const tickLabel = 'mayfly/tick'

const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_. -]{0,99}$',
  description: 'letters, digits, "_", ".", "-" and spaces, beginning with a letter or digit, at most 100 in all',
})

/** Whether it ever fires is checked where it is taken. */
const CronText = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'five fields, minute hour day month weekday, or @hourly, @daily, @weekly, @monthly, @yearly',
})

const TimeZone = Type.String({
  ...ZoneName,
  description: 'the name of a time zone, such as Europe/Berlin; UTC when left out',
})

const EverySeconds = Type.Number({
  minimum: 0.1,
  maximum: 366 * daySeconds,
  description: 'seconds from one tick to the next, counted from when the schedule was made or got this interval',
})

const OverlapPolicy = Type.Enum([...OVERLAPS], {
  description:
    'when a task that it fired has not ended yet: skip this tick (unless said otherwise), queue beside it, or replace it',
})

const CatchUpPolicy = Type.Enum([...CATCH_UPS], {
  description:
    'what becomes of ticks that passed while nobody was there: none is fired, the latest (unless said otherwise), or ' +
    'all of them, oldest first, up to the latest 100',
})

const Jitter = seconds(0, daySeconds)

const policies = {
  overlap: Type.Optional(OverlapPolicy),
  catchUp: Type.Optional(CatchUpPolicy),
  jitterSeconds: Type.Optional(Jitter),
  paused: Type.Optional(Type.Boolean()),
}

const timings = {
  cron: Type.Optional(CronText),
  timeZone: Type.Optional(TimeZone),
  everySeconds: Type.Optional(EverySeconds),
  at: Type.Optional(Moment),
}

/** Exactly one of `cron`, `everySeconds` and `at` says when. */
export const ScheduleRequest = closed(
  { name: Type.Optional(Name), ...timings, task: TaskRequest, ...policies },
  'A task to submit again and again, or once at a time: by cron, everySeconds or at',
)

export type ScheduleRequest = Static<typeof ScheduleRequest>

/** What is left out stays as it is. Whoever changes it answers for it: its tasks have that token's rights from then on. */
export const ScheduleChange = closed({
  name: Type.Optional(nullable(Name)),
  ...timings,
  task: Type.Optional(TaskRequest),
  ...policies,
})

export type ScheduleChange = Static<typeof ScheduleChange>

const ScheduleId = Type.String({ format: 'uuid' })

const scheduleMembers = {
  id: ScheduleId,
  tenant: TenantName,
  name: nullable(Type.String()),
  cron: nullable(Type.String()),
  timeZone: nullable(Type.String()),
  everySeconds: nullable(Type.Number()),
  at: nullable(Moment),
  task: TaskRequest,
  overlap: Type.Enum([...OVERLAPS]),
  catchUp: Type.Enum([...CATCH_UPS]),
  jitterSeconds: Jitter,
  paused: Type.Boolean(),
  token: Type.String({ description: 'the token whose rights its tasks have: whoever made or last changed it' }),
  nextAt: nullable(Moment, 'when it fires next, jitter included; null when it is paused or over'),
  createdAt: Moment,
  changedAt: Moment,
}

export const ContractSchedule = closed(scheduleMembers, 'A schedule')

export type ContractSchedule = Static<typeof ContractSchedule>

const Fire = closed({
  tick: nullable(Moment, 'the time that it was for; null when somebody ran it by hand'),
  at: Moment,
  outcome: Type.Enum([...FIRE_OUTCOMES]),
  ticks: Type.Integer({ description: 'how many ticks were missed in a row, up to this one; else 1' }),
  task: nullable(Type.String({ format: 'uuid' })),
  state: nullable(Type.Enum([...STATES]), 'of the task as it is now; null when it is gone'),
  code: nullable(Type.String(), 'why it was refused'),
  reason: nullable(Type.String()),
  by: nullable(Type.String(), 'the token that ran it by hand'),
})

export type ContractFire = Static<typeof Fire>

export const ShownSchedule = closed(
  {
    ...scheduleMembers,
    nextTicks: Type.Array(Moment, { description: 'the next times, without jitter' }),
    history: Type.Array(Fire, { description: 'what became of its latest ticks, newest first' }),
  },
  'A schedule with its next times and what became of its last ones',
)

export type ShownSchedule = Static<typeof ShownSchedule>

export const SchedulePage = closed({
  items: Type.Array(ContractSchedule, { description: 'fewer than the limit where they are large' }),
  nextCursor: nullable(Type.String()),
})

export type SchedulePage = Static<typeof SchedulePage>

export const ScheduleListQuery = closed({
  name: Type.Optional(LabelValue),
  kind: Type.Optional(KindName),
  limit: Type.Optional(count(1, 100)),
  cursor: Type.Optional(Type.String({ format: 'uuid', description: 'the nextCursor of the page before' })),
})

export type ScheduleListQuery = Static<typeof ScheduleListQuery>
