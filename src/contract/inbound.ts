import { closed, count, IdempotencyKey, Reason } from './fragments.ts'
import { TaskFilter } from './query.ts'
import { TaskRequest } from './request.ts'
import { type Static, Type } from './schema.ts'

const ref = Type.String({ minLength: 1, maxLength: 128, description: 'chosen by the client, repeated in the answer' })
const task = Type.String({ maxLength: 64, description: 'the id of a task' })

/** What a client may send over the stream: one schema for each `type`. */
export const INBOUND = {
  submit: closed({
    type: Type.Literal('submit'),
    ref,
    task: TaskRequest,
    idempotencyKey: Type.Optional(IdempotencyKey),
    subscribe: Type.Optional(Type.Boolean()),
  }),
  subscribe: closed({
    type: Type.Literal('subscribe'),
    ref,
    task: Type.Optional(task),
    after: Type.Optional(count(0, Number.MAX_SAFE_INTEGER)),
    filter: Type.Optional(TaskFilter),
  }),
  unsubscribe: closed({ type: Type.Literal('unsubscribe'), ref }),
  cancel: closed({ type: Type.Literal('cancel'), ref, task, reason: Type.Optional(Reason) }),
  ping: closed({ type: Type.Literal('ping'), ref }),
}

export type InboundType = keyof typeof INBOUND

export type Inbound<T extends InboundType = InboundType> = { [K in T]: Static<(typeof INBOUND)[K]> }[T]
