import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardOf } from '../../src/contract/check.ts'
import { OUTBOUND } from '../../src/contract/outbound.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { type Client, openStream } from './fixtures/client.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

async function newTask(own: object = {}, token: string = tokens.acme): Promise<string> {
  const body = JSON.stringify({ kind: 'lint', input: {}, ...own })
  const response = await edge.call('/v1/tasks', { method: 'POST', body, token })
  return ((await response.json()) as ContractTask).id
}

async function follow(filter: object, token: string = tokens.acme): Promise<Client> {
  const client = await openStream(edge.url, token)
  client.send({ type: 'subscribe', ref: 'f', filter })
  await client.get('live')
  return client
}

const shown = ({ received }: Client) =>
  received.flatMap((message) => (message.type === 'snapshot' ? message.tasks.map(({ id }) => id) : []))

describe('a subscription with a filter', () => {
  it('begins with those that fit, and goes on with what happens to them and to those that come', async () => {
    const first = await newTask({ labels: { mark: 'flow' } })
    await newTask({ labels: { mark: 'another' } })
    await newTask({ labels: { mark: 'flow' } }, tokens.other)
    const client = await follow({ label: 'mark:flow' })
    expect(shown(client)).toEqual([first])
    await edge.emit(first, { text: 'a' })
    const second = await newTask({ labels: { mark: 'flow' } })
    await client.get('snapshot', ({ tasks }) => tasks.some(({ id }) => id === second))
    await newTask({ labels: { mark: 'flow' } }, tokens.other)
    await edge.call(`/v1/tasks/${second}/cancel`, { method: 'POST', body: '{}' })
    await client.get('event', ({ task, event }) => task === second && event.type === 'task.cancelled')
    expect(client.seqs(first)).toEqual([2])
    expect(shown(client)).toEqual([first, second])
    const types = client.received.map(({ type }) => type)
    expect(types.slice(0, 4)).toEqual(['hello', 'subscribed', 'snapshot', 'live'])
    for (const message of client.received) expect(guardOf(OUTBOUND[message.type])(message), message.type).toBe(true)
    client.socket.close()
  })

  it('tells a tenant nothing of another, whatever it asks for', async () => {
    await newTask({ labels: { mark: 'foreign' } })
    const client = await follow({}, tokens.other)
    await newTask({ labels: { mark: 'foreign' } })
    client.send({ type: 'ping', ref: 'p' })
    await client.get('pong')
    expect(JSON.stringify(client.received)).not.toContain('foreign')
    client.socket.close()
  })

  it('pages through many without leaving one out', async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, () => newTask({ labels: { mark: 'many' } })))
    const client = await follow({ label: 'mark:many' })
    expect(shown(client).sort()).toEqual(ids.sort())
    client.socket.close()
  })

  it('ends when it is asked to, and leaves room for another', async () => {
    const client = await follow({ label: 'mark:over' })
    client.send({ type: 'unsubscribe', ref: 'f' })
    await client.get('unsubscribed')
    await newTask({ labels: { mark: 'over' } })
    client.send({ type: 'subscribe', ref: 'g', filter: { label: 'mark:none' } })
    await client.get('live', ({ ref }) => ref === 'g')
    expect(shown(client)).toEqual([])
    client.socket.close()
  })

  it('is alone on its connection, as events name only their task', async () => {
    const id = await newTask()
    const client = await follow({ label: 'mark:alone' })
    client.send({ type: 'subscribe', ref: 'one', task: id })
    client.send({ type: 'subscribe', ref: 'two', filter: {} })
    client.send({
      type: 'submit',
      ref: 'three',
      task: { kind: 'lint', input: {}, labels: { mark: 'not-left' } },
      subscribe: true,
    })
    for (const ref of ['one', 'two', 'three']) {
      const error = await client.get('error', (message) => message.ref === ref)
      expect(error).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('open another') })
    }
    const left = await (await edge.call('/v1/tasks?label=mark:not-left')).json()
    expect(left).toMatchObject({ items: [] })
    const other = await openStream(edge.url)
    other.send({ type: 'subscribe', ref: 'one', task: id })
    await other.get('live')
    other.send({ type: 'subscribe', ref: 'f', filter: {} })
    expect((await other.get('error')).message).toContain('open another one for a filter')
    for (const { socket } of [client, other]) socket.close()
  })
})
