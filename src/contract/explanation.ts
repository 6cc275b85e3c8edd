import { STATES } from '../task/states.ts'
import { closed, Moment, nullable, PoolName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

const Seconds = Type.Number({ minimum: 0, description: 'seconds' })

/** The rules by which tasks are held back, in the order in which they are told: `src/schedule/rules.ts`. */
export const RULES = [
  'hold',
  'due',
  'children',
  'paused',
  'promised',
  'key',
  'tenant-running',
  'tenant-pool-running',
  'tenant-memory',
  'tenant-day',
  'kind-running',
  'kind-window',
  'pool-share',
  'pool-max',
  'reserved',
  'slots',
  'kept',
  'memory',
  'turn',
] as const

export type Rule = (typeof RULES)[number]

const Blocked = closed({
  rule: Type.Enum([...RULES]),
  limit: nullable(Type.Number()),
  current: nullable(Type.Number()),
  until: nullable(Moment, 'when time alone lifts it; null when something has to happen'),
  detail: Type.String({ description: 'a sentence that says what it waits for' }),
})

const Ahead = closed({
  class: Type.Enum(['own', 'others'], { description: 'of the same tenant, or of all others together' }),
  pool: PoolName,
  tasks: nullable(Type.Integer({ minimum: 0 }), 'how many of the tenant’s own; null for others'),
  processSeconds: Type.Number({ minimum: 0, description: 'the time that they are expected to take' }),
})

const Estimate = closed({
  startAt: nullable(Moment, 'when it will probably have started: as likely before as after; when it did, once it has'),
  p50Seconds: nullable(Seconds, 'from now to startAt; null when it has started'),
  p90Seconds: nullable(Seconds, 'nine of ten such tasks have started by then'),
  endAt: nullable(Moment, 'when its attempt will probably have ended'),
  endP50Seconds: nullable(Seconds, 'from now to endAt'),
  endP90Seconds: nullable(Seconds, 'nine of ten such attempts have ended by then'),
  basis: Type.String({ description: 'what it is drawn from, or why there is none' }),
})

const HeldFor = closed({
  rule: Type.Enum([...RULES, 'unknown'], {
    description: 'the rule that held it back; unknown: the server was not there yet, or cannot tell any more',
  }),
  seconds: Seconds,
})

const Wait = closed({
  from: Moment,
  until: nullable(Moment, 'null while it still waits'),
  seconds: Seconds,
  for: Type.String(),
  rules: Type.Array(HeldFor, {
    description:
      'what held it back meanwhile, the longest first; empty while it was not due, and where nothing is known',
  }),
})

export const Explanation = closed(
  {
    state: Type.Enum([...STATES]),
    position: nullable(
      Type.Integer({ minimum: 1 }),
      'among the due tasks of its tenant in its pool, 1 is the first; null when it is not due, or does not wait',
    ),
    isPositionLeast: Type.Boolean({ description: 'there are more before it than were counted' }),
    ahead: Type.Array(Ahead, { description: 'what is expected to be served before it' }),
    blockedBy: Type.Array(Blocked, { description: 'every rule that holds it back now' }),
    estimate: nullable(Estimate, 'null when it has ended'),
    waits: Type.Array(Wait, { description: 'when it waited so far, and for what' }),
    waitedSeconds: Seconds,
  },
  'Why a task waits, for how long still, and how long it waited',
)

export type Explanation = Static<typeof Explanation>
