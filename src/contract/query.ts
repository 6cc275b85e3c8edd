import { STATES } from '../task/states.ts'
import { closed, count, KindName, PoolName } from './fragments.ts'
import { type Static, Type } from './schema.ts'

export const defaultPageItems = 50

/** Below the idle time-out of common proxies, which is 60 s. */
export const longestWaitSeconds = 55

/** Tasks that fit all that is said. */
export const TaskFilter = closed({
  state: Type.Optional(Type.Enum([...STATES])),
  kind: Type.Optional(KindName),
  pool: Type.Optional(PoolName),
  label: Type.Optional(Type.String({ maxLength: 320, pattern: '^[^:]+:', description: 'name:value' })),
})

export type TaskFilter = Static<typeof TaskFilter>

export const TaskListQuery = closed({
  ...TaskFilter.properties,
  limit: Type.Optional(count(1, 100)),
  cursor: Type.Optional(Type.String({ format: 'uuid', description: 'the nextCursor of the page before' })),
})

export type TaskListQuery = Static<typeof TaskListQuery>

export const EventQuery = closed({
  after: Type.Optional(count(0, Number.MAX_SAFE_INTEGER)),
  limit: Type.Optional(count(1, 1000)),
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: longestWaitSeconds, description: 'seconds to wait for news' }),
  ),
})

export type EventQuery = Static<typeof EventQuery>
