import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../src/contract/check.ts'
import { OUTBOUND } from '../../src/contract/outbound.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { type Client, openStream, refusedUpgrade } from './fixtures/client.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge
let client: Client
beforeAll(async () => {
  edge = await startEdge({ allowedOrigins: ['https://ci.example.com'] })
  client = await openStream(edge.url)
})
afterAll(() => edge.stop())

async function newTask(token: string = tokens.acme): Promise<string> {
  const body = JSON.stringify({ kind: 'lint', input: {} })
  const response = await edge.call('/v1/tasks', { method: 'POST', body, token })
  return ((await response.json()) as ContractTask).id
}

let refs = 0
const newRef = () => `r${refs++}`

/** Sends a message and waits for the error that answers it. */
async function refusal(message: object) {
  const ref = newRef()
  client.send({ ref, ...message })
  return client.get('error', (error) => error.ref === ref)
}

describe('a stream', () => {
  it('begins with hello, and answers pings', async () => {
    expect(await client.get('hello')).toEqual({ type: 'hello', protocol: 1, node: 'n1', heartbeatSeconds: 20 })
    expect(client.socket.protocol).toBe('mayfly.v1')
    client.send({ type: 'ping', ref: 'p' })
    expect(await client.get('pong')).toEqual({ type: 'pong', ref: 'p' })
  })

  it('accepts a task once it is in the journal, and follows it when asked to', async () => {
    client.send({ type: 'submit', ref: 'quiet', task: { kind: 'lint', input: 1 } })
    client.send({ type: 'submit', ref: 'loud', task: { kind: 'lint', input: 1 }, subscribe: true })
    const { task } = await client.get('accepted', ({ ref }) => ref === 'loud')
    expect((await edge.call(`/v1/tasks/${task.id}`)).status).toBe(200)
    await client.get('live', ({ ref }) => ref === 'loud')
    expect(client.seqs(task.id)).toEqual([1])
    const quiet = await client.get('accepted', ({ ref }) => ref === 'quiet')
    expect(client.seqs(quiet.task.id)).toEqual([])
  })

  it('replays large events, of which few make a page, to the last one before it is live', async () => {
    const id = await newTask()
    await edge.emit(id, ...Array.from({ length: 7 }, () => ({ text: 'x'.repeat(700 * 1024) })))
    client.send({ type: 'subscribe', ref: 'large', task: id })
    await client.get('live', ({ ref }) => ref === 'large')
    expect(client.seqs(id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('replays from a cursor, says that it is live, and goes on, in this order', async () => {
    const id = await newTask()
    await edge.emit(id, { text: 'a' }, { text: 'b' })
    client.send({ type: 'subscribe', ref: 'cursor', task: id, after: 1 })
    await client.get('live', ({ ref }) => ref === 'cursor')
    await edge.emit(id, { text: 'c' })
    await client.get('event', ({ task, seq }) => task === id && seq === 4)
    const mine = client.received.filter((m) => ('task' in m && m.task === id) || ('ref' in m && m.ref === 'cursor'))
    expect(mine.map((m) => (m.type === 'event' ? m.seq : m.type))).toEqual(['subscribed', 2, 3, 'live', 4])
    expect(mine[0]).toEqual({ type: 'subscribed', ref: 'cursor', task: id, after: 1, lastSeq: 3 })
  })

  it('ends a subscription when asked to', async () => {
    const id = await newTask()
    client.send({ type: 'subscribe', ref: 'short', task: id })
    await client.get('live', ({ ref }) => ref === 'short')
    client.send({ type: 'unsubscribe', ref: 'short' })
    await client.get('unsubscribed')
    await edge.emit(id, { text: 'unheard' })
    client.send({ type: 'ping', ref: 'after' })
    await client.get('pong', ({ ref }) => ref === 'after')
    expect(client.seqs(id)).toEqual([1])
  })

  it('cancels', async () => {
    const id = await newTask()
    client.send({ type: 'subscribe', ref: 'watch', task: id })
    client.send({ type: 'cancel', ref: 'stop', task: id, reason: 'enough' })
    await client.get('cancelling', ({ ref }) => ref === 'stop')
    const { event } = await client.get('event', (m) => m.task === id && m.event.type === 'task.cancelled')
    expect(event.data).toEqual({ reason: 'enough' })
    expect(await refusal({ type: 'cancel', task: id })).toMatchObject({ code: 'CONFLICT' })
  })

  it('says nothing that is not in the contract', () => {
    expect(client.received.length).toBeGreaterThan(10)
    for (const message of client.received) expect(guardOf(OUTBOUND[message.type])(message), message.type).toBe(true)
  })
})

describe('a stream that is used wrongly answers, and stays', () => {
  it.each([
    [{ type: 'nothing' }, 'BAD_REQUEST', 'type must be one of submit, subscribe, unsubscribe, cancel, ping'],
    [{ type: '__proto__' }, 'BAD_REQUEST', 'type must be one of'],
    [{ type: 'submit' }, 'BAD_REQUEST', 'task is missing'],
    [
      { type: 'submit', task: { kind: 'lint', input: 1, priority: 1e9 } },
      'BAD_REQUEST',
      'task.priority must be at most',
    ],
    [{ type: 'subscribe' }, 'BAD_REQUEST', 'task is missing'],
    [{ type: 'subscribe', filter: { state: 'asleep' } }, 'BAD_REQUEST', 'filter.state must be one of'],
    [{ type: 'subscribe', filter: { state: 'settling' } }, 'BAD_REQUEST', 'follow those that are running'],
    [{ type: 'subscribe', filter: { label: 'a' } }, 'BAD_REQUEST', 'filter.label'],
    [{ type: 'subscribe', filter: { tenant: 'other' } }, 'BAD_REQUEST', 'filter.tenant is not allowed here'],
    [{ type: 'subscribe', filter: 'all' }, 'BAD_REQUEST', 'filter must be'],
    [{ type: 'subscribe', filter: {}, task: newTaskId() }, 'BAD_REQUEST', 'leave one of them out'],
    [{ type: 'subscribe', filter: {}, after: 0 }, 'BAD_REQUEST', 'leave after out'],
    [{ type: 'subscribe', task: newTaskId() }, 'NOT_FOUND', 'there is no task with this id'],
    [{ type: 'subscribe', task: '../x' }, 'NOT_FOUND', 'there is no task with this id'],
    [{ type: 'subscribe', task: newTaskId(), after: -1 }, 'BAD_REQUEST', 'after must be at least 0'],
    [{ type: 'cancel', task: newTaskId() }, 'NOT_FOUND', 'there is no task with this id'],
    [{ type: 'unsubscribe' }, 'NOT_FOUND', 'no subscription has this ref'],
    [{ type: 'ping', extra: 1 }, 'BAD_REQUEST', 'extra is not allowed here'],
  ])('%j', async (message, code, sentence) => {
    expect(await refusal(message)).toMatchObject({ code, message: expect.stringContaining(sentence) })
  })

  it('with a cursor beyond the last event', async () => {
    const task = await newTask()
    expect(await refusal({ type: 'subscribe', task, after: 2 })).toMatchObject({
      code: 'BAD_REQUEST',
      message: 'after is 2, but the last event is 1: start again from 0',
    })
  })

  it('with a ref or a task that is followed already', async () => {
    const task = await newTask()
    client.send({ type: 'subscribe', ref: 'one', task })
    await client.get('live', ({ ref }) => ref === 'one')
    expect(await refusal({ type: 'subscribe', task })).toMatchObject({ code: 'CONFLICT' })
    client.send({ type: 'subscribe', ref: 'one', task: await newTask() })
    await client.get('error', ({ ref, code }) => ref === 'one' && code === 'CONFLICT')
  })

  it('with JSON that poisons, or no ref at all', async () => {
    client.socket.send('{"type":"ping","ref":"poison","__proto__":{"x":1}}')
    await client.get('error', ({ ref, message }) => ref === 'poison' && message.includes('__proto__'))
    client.socket.send('[1]')
    await client.get('error', ({ ref }) => ref === null)
  })

  it('with a task of another tenant, as if there were none', async () => {
    const task = await newTask(tokens.other)
    for (const type of ['subscribe', 'cancel']) {
      expect(await refusal({ type, task })).toMatchObject({
        code: 'NOT_FOUND',
        message: expect.stringContaining('there is no task with this id'),
      })
    }
    expect(await (await edge.call(`/v1/tasks/${task}`, { token: tokens.other })).json()).toMatchObject({
      state: 'queued',
    })
  })

  afterAll(async () => {
    client.send({ type: 'ping', ref: 'still here' })
    await client.get('pong', ({ ref }) => ref === 'still here')
  })
})

describe('a stream is closed', () => {
  it.each(['not JSON', '', '{"type":'])('after an error when it sends %j', async (frame) => {
    const careless = await openStream(edge.url)
    careless.socket.send(frame)
    expect(await careless.closed).toBe(1007)
    expect(careless.received.map(({ type }) => type)).toEqual(['hello', 'error', 'bye'])
  })

  it('when a message is larger than 64 KiB', async () => {
    const careless = await openStream(edge.url)
    careless.socket.send(`"${'x'.repeat(65 * 1024)}"`)
    expect(await careless.closed).toBe(1009)
  })
})

describe('a stream is refused before it is one', () => {
  it('without a token, or with a wrong one', async () => {
    expect(await refusedUpgrade(edge.url, '')).toBe(401)
    expect(await refusedUpgrade(edge.url, 'wrong'.repeat(8))).toBe(401)
  })

  it('from a page that nobody allowed', async () => {
    expect(await refusedUpgrade(edge.url, tokens.acme, { origin: 'https://evil.example.com' })).toBe(403)
    const allowed = await openStream(edge.url, tokens.acme, { origin: 'https://ci.example.com' })
    allowed.socket.close()
  })

  it('with another protocol only', async () => {
    expect(await refusedUpgrade(edge.url, tokens.acme, { protocols: ['graphql-ws'] })).toBe(400)
  })

  it('at another address', async () => {
    expect(await refusedUpgrade(`${edge.url}/healthz?`, tokens.acme)).toBe(404)
    expect(await refusedUpgrade(`${edge.url}/nothing`, tokens.acme)).toBe(404)
    // The answer is all that such a connection is good for.
    const socket = connect(Number(new URL(edge.url).port), '127.0.0.1')
    socket.write('GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1.1 404 .*"code":"NOT_FOUND"/s)
  })
})
