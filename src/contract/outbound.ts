import { REFUSAL_CODES } from '../task/errors.ts'
import { ContractEvent } from './event.ts'
import { closed, nullable } from './fragments.ts'
import { TaskFilter } from './query.ts'
import { type Static, type TSchema, Type } from './schema.ts'
import { ContractTask } from './task.ts'

const ref = Type.String()
const task = Type.String({ format: 'uuid' })
const seq = Type.Integer({ minimum: 1 })

function message<const T extends string, const P extends Record<string, TSchema>>(type: T, properties: P) {
  return closed({ type: Type.Literal(type), ...properties })
}

/** What the server sends over the stream: one schema for each `type`. */
export const OUTBOUND = {
  hello: message('hello', { protocol: Type.Literal(1), node: Type.String(), heartbeatSeconds: Type.Number() }),
  accepted: message('accepted', { ref, task: ContractTask }),
  subscribed: Type.Union([
    message('subscribed', { ref, task, after: Type.Integer(), lastSeq: Type.Integer() }),
    message('subscribed', { ref, filter: TaskFilter }),
  ]),
  snapshot: message('snapshot', {
    ref,
    tasks: Type.Array(ContractTask, { description: 'tasks that came into view, as they are' }),
    more: Type.Boolean({ description: 'older ones fit too, and are not shown' }),
  }),
  live: message('live', { ref }),
  event: message('event', { task, seq, event: ContractEvent }),
  gap: message('gap', { task, firstSeq: seq }),
  unsubscribed: message('unsubscribed', { ref }),
  cancelling: message('cancelling', { ref }),
  pong: message('pong', { ref }),
  error: message('error', {
    ref: nullable(Type.String({ description: 'null when the message had none' })),
    code: Type.Enum([...REFUSAL_CODES]),
    message: Type.String(),
    retryAfterSeconds: Type.Optional(Type.Integer({ description: 'when it is worth trying again' })),
  }),
  bye: message('bye', {
    code: Type.Integer({ description: 'the code the server closes with' }),
    message: Type.String(),
    cursors: Type.Record(Type.String(), Type.Integer(), { description: 'last seq sent of each subscribed task' }),
  }),
}

export type OutboundType = keyof typeof OUTBOUND

export type Outbound<T extends OutboundType = OutboundType> = { [K in T]: Static<(typeof OUTBOUND)[K]> }[T]
