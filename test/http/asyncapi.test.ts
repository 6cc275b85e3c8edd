/** The description of the stream, held to what the stream does. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INBOUND } from '../../src/contract/inbound.ts'
import { OUTBOUND } from '../../src/contract/outbound.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { type Client, openStream } from './fixtures/client.ts'
import { type Edge, startEdge } from './fixtures/edge.ts'

interface Operation {
  readonly action: 'send' | 'receive'
  readonly messages: readonly { readonly $ref: string }[]
  readonly reply?: { readonly messages: readonly { readonly $ref: string }[] }
}

interface Description {
  readonly operations: Readonly<Record<string, Operation>>
  readonly components: { readonly messages: Readonly<Record<string, object>> }
}

/** What a client says, at least. */
interface Said {
  readonly type: string
  readonly ref: string
  readonly [member: string]: unknown
}

const specification = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json')
const keptEvents = 10

let edge: Edge
let description: Description
let ajv: Ajv
beforeAll(async () => {
  edge = await startEdge({ maxTaskEvents: keptEvents })
  description = (await (await fetch(`${edge.url}/asyncapi.json`)).json()) as Description
  ajv = formats.default(new Ajv({ strict: false, logger: false }))
  ajv.addSchema(description, 'stream')
})
afterAll(() => edge.stop())

const nameIn = ($ref: string) => $ref.split('/').at(-1) as string

const typesOf = (action: Operation['action']) =>
  Object.values(description.operations).flatMap((operation) =>
    operation.action === action ? operation.messages.map(({ $ref }) => nameIn($ref)) : [],
  )

const checks = new Map<string, ValidateFunction>()

/** What is wrong with a message by the description alone; nothing for one that is right. */
function faultsOf(message: object): unknown {
  const type = String(Reflect.get(message, 'type'))
  if (!Object.hasOwn(description.components.messages, type)) return `${type} is not described`
  const check = checks.get(type) ?? ajv.compile({ $ref: `stream#/components/messages/${type}/payload` })
  checks.set(type, check)
  return check(message) ? undefined : { message, errors: check.errors }
}

async function newTask(): Promise<string> {
  const response = await edge.call('/v1/tasks', { method: 'POST', body: JSON.stringify({ kind: 'lint', input: {} }) })
  return ((await response.json()) as ContractTask).id
}

describe('the description of the stream', () => {
  it('is AsyncAPI 3', () => {
    const isRight = ajv.compile(JSON.parse(readFileSync(specification, 'utf8')))
    expect(isRight(description), JSON.stringify(isRight.errors)).toBe(true)
    expect(isRight({ ...description, operations: { submit: { action: 'ask' } } })).toBe(false)
  })

  it('refers to nothing that it has not', () => {
    const refs = [...JSON.stringify(description).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, place = '']) => place)
    expect(refs.length).toBeGreaterThan(50)
    for (const place of new Set(refs)) {
      const found = place.split('/').reduce<unknown>((at, name) => Reflect.get(Object(at), name), description)
      expect(found, place).toBeInstanceOf(Object)
    }
  })

  it('has every message of the contract, on its side, and no other', () => {
    expect(typesOf('receive')).toEqual(Object.keys(INBOUND))
    expect(typesOf('send')).toEqual(Object.keys(OUTBOUND))
    expect(Object.keys(description.components.messages)).toEqual([...Object.keys(INBOUND), ...Object.keys(OUTBOUND)])
  })

  it('holds of a conversation in which everything is said that can be', async () => {
    const [client, surveyor] = [await openStream(edge.url), await openStream(edge.url)]
    const [task, long] = [await newTask(), await newTask()]
    await edge.emit(long, ...Array.from({ length: 5_000 }, (_, at) => ({ text: `${at}` })))
    const submit = {
      type: 'submit',
      ref: 'submit',
      task: { kind: 'lint', input: 1, labels: { a: 'b' } },
      subscribe: true,
    }
    const conversation: [Client, Said][] = [
      [client, submit],
      [client, { type: 'subscribe', ref: 'subscribe', task, after: 0 }],
      [client, { type: 'subscribe', ref: 'long', task: long, after: 0 }],
      [surveyor, { type: 'subscribe', ref: 'filter', filter: { kind: 'lint', state: 'queued' } }],
      [client, { type: 'cancel', ref: 'cancel', task, reason: 'enough' }],
      [client, { type: 'ping', ref: 'ping' }],
      [surveyor, { type: 'unsubscribe', ref: 'filter' }],
    ]
    for (const [speaker, message] of conversation) {
      expect(faultsOf(message)).toBeUndefined()
      speaker.send(message)
      await answerTo(speaker, message)
    }
    await client.get('gap')
    client.send({ type: 'subscribe', ref: 'wrong', task: 'nobody' })
    await client.get('error', ({ ref }) => ref === 'wrong')
    client.socket.send('not JSON')
    await client.closed
    surveyor.socket.close()

    const received = [...client.received, ...surveyor.received]
    for (const message of received) expect(faultsOf(message)).toBeUndefined()
    expect(new Set(received.map(({ type }) => type))).toEqual(new Set(typesOf('send')))
    expect(new Set(conversation.map(([, { type }]) => type))).toEqual(new Set(typesOf('receive')))
  })

  it('knows no message that the stream refuses, and refuses what the stream refuses', async () => {
    const client = await openStream(edge.url)
    for (const type of [...typesOf('receive'), 'nothing', 'hello']) client.send({ type, ref: type })
    for (const type of typesOf('receive')) {
      if (type !== 'ping') expect((await client.get('error', ({ ref }) => ref === type)).message).not.toMatch(/^type/)
    }
    for (const type of ['nothing', 'hello']) {
      const { message } = await client.get('error', ({ ref }) => ref === type)
      expect(message).toBe(`type must be one of ${typesOf('receive').join(', ')}`)
    }
    for (const wrong of [
      { type: 'ping' },
      { type: 'cancel', ref: 'r', task: 1 },
      { type: 'ping', ref: 'r', more: 1 },
    ]) {
      expect(faultsOf(wrong)).toBeDefined()
    }
    client.socket.close()
  })
})

/** Waits for the message that the description says will answer. */
async function answerTo(client: Client, { type, ref }: Said): Promise<void> {
  const [answer] = description.operations[type]?.reply?.messages ?? []
  const name = nameIn(answer?.$ref ?? '') as 'subscribed'
  await client.get(name, (message) => message.ref === ref)
  if (type === 'subscribe') await client.get('live', (message) => message.ref === ref)
}
