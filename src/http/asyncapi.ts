import { ContractEvent } from '../contract/event.ts'
import { INBOUND, type InboundType } from '../contract/inbound.ts'
import { OUTBOUND, type OutboundType } from '../contract/outbound.ts'
import { TaskFilter } from '../contract/query.ts'
import { TaskRequest } from '../contract/request.ts'
import { ContractTask } from '../contract/task.ts'
import type { App } from './app.ts'

/** Serves the description of the stream, made from the schemas of its messages when somebody asks for it. */
export function asyncApi(app: App): void {
  let document: string | undefined
  app.get('/asyncapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= JSON.stringify(describeStream())
    return reply.type('application/json').send(document)
  })
}

/** What a client sends, and what answers it besides an error. */
const asked: Readonly<Record<InboundType, { readonly summary: string; readonly answer: OutboundType }>> = {
  submit: { summary: 'Ask for a task, and with subscribe for its events', answer: 'accepted' },
  subscribe: { summary: 'Follow a task after a cursor, or all tasks that fit a filter', answer: 'subscribed' },
  unsubscribe: { summary: 'End the subscription with this ref', answer: 'unsubscribed' },
  cancel: { summary: 'Cancel a task', answer: 'cancelling' },
  ping: { summary: 'See whether the server is there', answer: 'pong' },
}

const told: Readonly<Record<OutboundType, string>> = {
  hello: 'The first message of every stream',
  accepted: 'The task is durable',
  subscribed: 'The subscription stands: what there was comes next, then live',
  snapshot: 'Tasks that fit the filter, as they are',
  live: 'All there was has been sent: what follows is new',
  event: 'What happened to a task, in order, none missing, none twice in a subscription',
  gap: 'Events before firstSeq were asked for and have been pruned',
  unsubscribed: 'The subscription has ended',
  cancelling: 'The task is being cancelled, or is cancelled',
  pong: 'The server is there',
  error: 'What was sent could not be done; the stream stays unless it was not JSON',
  bye: 'The server closes; the cursors are where to go on',
}

/** Schemas that many messages share. */
const shared: ReadonlyMap<object, string> = new Map<object, string>([
  [TaskRequest, 'TaskRequest'],
  [TaskFilter, 'TaskFilter'],
  [ContractTask, 'Task'],
  [ContractEvent, 'Event'],
])

const inbound = Object.keys(INBOUND) as InboundType[]
const outbound = Object.keys(OUTBOUND) as OutboundType[]
const refTo = (place: string) => ({ $ref: `#/${place}` })
const onStream = (type: string) => refTo(`channels/stream/messages/${type}`)

/** The stream in AsyncAPI 3, from the server's side: it receives what clients send. */
export function describeStream() {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Mayfly', version: '1', description: 'The stream of a Mayfly: tasks and their events, both ways.' },
    defaultContentType: 'application/json',
    servers: {
      here: {
        host: '{host}',
        protocol: 'ws',
        description: 'Where this document came from, with wss where that was https',
        variables: { host: { default: '127.0.0.1:7070' } },
        security: [refTo('components/securitySchemes/token'), refTo('components/securitySchemes/ticket')],
      },
    },
    channels: {
      stream: {
        address: '/v1/stream',
        description:
          'A WebSocket with the subprotocol mayfly.v1: text frames of one JSON message, up to 64 KiB from clients',
        messages: Object.fromEntries(
          [...inbound, ...outbound].map((type) => [type, refTo(`components/messages/${type}`)]),
        ),
      },
    },
    operations: Object.fromEntries([...inbound.map(receiving), ...outbound.map(sending)]),
    components: {
      messages: Object.fromEntries([
        ...inbound.map((type) => [type, message(type, asked[type].summary, INBOUND[type])]),
        ...outbound.map((type) => [type, message(type, told[type], OUTBOUND[type])]),
      ]),
      schemas: Object.fromEntries([...shared].map(([schema, name]) => [name, membersReferred(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        ticket: {
          type: 'httpApiKey',
          in: 'query',
          name: 'ticket',
          description: 'For browsers: POST /v1/stream/tickets issues one, good for one stream',
        },
      },
    },
  }
}

function receiving(type: InboundType) {
  const { summary, answer } = asked[type]
  const reply = { channel: refTo('channels/stream'), messages: [onStream(answer), onStream('error')] }
  return [type, { action: 'receive', channel: refTo('channels/stream'), summary, messages: [onStream(type)], reply }]
}

function sending(type: OutboundType) {
  return [type, { action: 'send', channel: refTo('channels/stream'), summary: told[type], messages: [onStream(type)] }]
}

function message(name: string, summary: string, schema: object) {
  return { name, summary, payload: referred(schema) }
}

/** The schema with a reference wherever it holds one that is shared. */
function referred(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  const name = shared.get(schema)
  return name === undefined ? membersReferred(schema) : refTo(`components/schemas/${name}`)
}

function membersReferred(schema: object): unknown {
  if (Array.isArray(schema)) return schema.map(referred)
  return Object.fromEntries(Object.entries(schema).map(([name, member]) => [name, referred(member)]))
}
