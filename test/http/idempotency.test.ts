import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContractTask, TaskPage } from '../../src/contract/task.ts'
import { openStream } from './fixtures/client.ts'
import { type Edge, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.stop())

let keys = 0
const newKey = () => `key-${keys++}`

async function submit(key: string, request: object = { kind: 'lint', input: { a: 1, b: [2] } }, token = tokens.acme) {
  const init = { method: 'POST', body: JSON.stringify(request), token, headers: { 'idempotency-key': key } }
  const response = await edge.call('/v1/tasks', init)
  const body = (await response.json()) as ContractTask & { detail?: string }
  return { status: response.status, location: response.headers.get('location'), body }
}

describe('a submission with an idempotency key', () => {
  it('makes a task the first time, and leads to it from then on', async () => {
    const key = newKey()
    const first = await submit(key)
    expect(first.status).toBe(202)
    expect(await submit(key)).toEqual({ ...first, status: 200 })
    expect(await submit(key, { input: { b: [2], a: 1 }, kind: 'lint' })).toEqual({ ...first, status: 200 })
    expect(first.location).toBe(`/v1/tasks/${first.body.id}`)
  })

  it('brings the task as it is now', async () => {
    const key = newKey()
    const { body } = await submit(key)
    await edge.call(`/v1/tasks/${body.id}/cancel`, { method: 'POST' })
    expect((await submit(key)).body).toMatchObject({ id: body.id, state: 'cancelled', lastSeq: 2 })
  })

  it('conflicts with another request of the same key, and says what to do', async () => {
    const key = newKey()
    const { body } = await submit(key)
    const others = [
      { kind: 'lint', input: { a: 1, b: [3] } },
      { kind: 'lint', input: { a: 1, b: [2] }, priority: 0 },
    ]
    for (const other of others) {
      expect(await submit(key, other)).toMatchObject({
        status: 409,
        body: {
          code: 'CONFLICT',
          detail: `this idempotency key belongs to task ${body.id}, which another request made: take a new key, or send that request again`,
        },
      })
    }
    expect(await submit(key)).toMatchObject({ status: 200, body: { id: body.id } })
  })

  it('shares its key with no other tenant', async () => {
    const key = newKey()
    const mine = await submit(key)
    const other = await submit(key, { kind: 'another', input: null }, tokens.other)
    expect([mine.status, other.status, other.body.tenant]).toEqual([202, 202, 'other'])
  })

  it('makes one task of many at once', async () => {
    const key = newKey()
    const request = { kind: 'once', input: null }
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(key, request)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(((await (await edge.call('/v1/tasks?kind=once')).json()) as TaskPage).items).toHaveLength(1)
  })

  it('without a key makes a task each time', async () => {
    const submitPlain = async () => {
      const response = await edge.call('/v1/tasks', { method: 'POST', body: '{"kind":"lint","input":1}' })
      return [response.status, ((await response.json()) as ContractTask).id]
    }
    const [first, second] = [await submitPlain(), await submitPlain()]
    expect([first[0], second[0], first[1] === second[1]]).toEqual([202, 202, false])
  })
})

describe('a submission with an idempotency key over the stream', () => {
  const task = { kind: 'lint', input: { a: 1, b: [2] } }

  it('is accepted with the task that it made before, over REST too', async () => {
    const client = await openStream(edge.url)
    const idempotencyKey = newKey()
    const { body } = await submit(idempotencyKey)
    for (const ref of ['one', 'two']) {
      client.send({ type: 'submit', ref, task, idempotencyKey })
      expect(await client.get('accepted', (accepted) => accepted.ref === ref)).toMatchObject({ task: { id: body.id } })
    }
    client.socket.close()
  })

  it('follows that task from its first event, on a connection that came later', async () => {
    const idempotencyKey = newKey()
    const { body } = await submit(idempotencyKey)
    await edge.emit(body.id, { text: 'a' }, { text: 'b' })
    const client = await openStream(edge.url)
    client.send({ type: 'submit', ref: 'r', task, idempotencyKey, subscribe: true })
    await client.get('live')
    expect(client.seqs(body.id)).toEqual([1, 2, 3])
    client.send({ type: 'submit', ref: 's', task, idempotencyKey, subscribe: true })
    await client.get('accepted', ({ ref }) => ref === 's')
    expect(await client.get('error', ({ ref }) => ref === 's')).toMatchObject({
      code: 'CONFLICT',
      message: 'this connection follows the task already, as ref r',
    })
    client.socket.close()
  })

  it('conflicts with another request of the same key, and stays', async () => {
    const client = await openStream(edge.url)
    const idempotencyKey = newKey()
    await submit(idempotencyKey)
    client.send({ type: 'submit', ref: 'r', task: { ...task, priority: 1 }, idempotencyKey, subscribe: true })
    expect(await client.get('error')).toMatchObject({ ref: 'r', code: 'CONFLICT' })
    client.send({ type: 'submit', ref: 'r', task, idempotencyKey: 'a b' })
    await client.get('error', ({ message }) => message.startsWith('idempotencyKey must be 1 to 255'))
    client.send({ type: 'submit', ref: 'r', task, idempotencyKey, subscribe: true })
    await client.get('live', ({ ref }) => ref === 'r')
    client.socket.close()
  })
})
