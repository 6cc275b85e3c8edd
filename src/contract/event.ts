import type { JsonObject } from '../task/json.ts'
import { EVENT_TYPES } from '../task/task.ts'
import { closed, Moment } from './fragments.ts'
import { type Static, Type } from './schema.ts'

/** One entry of a task's log as clients see it. */
export const ContractEvent = closed(
  {
    seq: Type.Integer({ minimum: 1, description: 'counts from 1 without holes' }),
    type: Type.Enum([...EVENT_TYPES]),
    at: Moment,
    attempt: Type.Integer({ minimum: 0 }),
    data: Type.Unsafe<JsonObject>(Type.Object({})),
  },
  'One entry of a task’s append-only log',
)

export type ContractEvent = Static<typeof ContractEvent>

export const ContractEventPage = closed({
  items: Type.Array(ContractEvent, {
    description: 'fewer than the limit where they are large: there are more as long as the last seq is below lastSeq',
  }),
  lastSeq: Type.Integer({ description: 'seq of the newest event there is' }),
  firstSeq: Type.Integer({ description: 'seq of the oldest event there is: above after + 1 when history was pruned' }),
})

export type ContractEventPage = Static<typeof ContractEventPage>
