import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../src/contract/task.ts'
import { type Client, openStream, refusedUpgrade } from './fixtures/client.ts'
import { type Edge, type EdgeOptions, startEdge, tokens } from './fixtures/edge.ts'

let edge: Edge
afterEach(() => edge.stop())

async function start(options: EdgeOptions = {}): Promise<void> {
  edge = await startEdge(options)
}

async function newTask(): Promise<string> {
  const body = JSON.stringify({ kind: 'lint', input: {} })
  const response = await edge.call('/v1/tasks', { method: 'POST', body })
  return ((await response.json()) as ContractTask).id
}

async function follow(task: string, after = 0): Promise<Client> {
  const client = await openStream(edge.url)
  client.send({ type: 'subscribe', ref: task, task, after })
  await client.get('live')
  return client
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i)
}

describe('a reader', () => {
  it('that never reads is cut, costs bounded memory, and disturbs nobody', async () => {
    await start({ stream: { fullMs: 1_000, closeMs: 300 } })
    const task = await newTask()
    const [deaf, well] = [await follow(task), await follow(task)]
    deaf.socket.pause()
    const before = process.memoryUsage.rss()
    const rounds = 120
    for (let round = 0; round < rounds; round++) {
      await edge.emit(task, ...Array.from({ length: 50 }, () => ({ text: 'x'.repeat(10_000) })))
    }
    await well.get('event', ({ seq }) => seq === 1 + rounds * 50)
    expect(well.seqs(task)).toEqual(range(1, 1 + rounds * 50))
    await expect.poll(() => edge.server.streams).toBe(1)
    // 60 MB went through; the healthy client of this very process keeps its copy of the texts.
    expect((process.memoryUsage.rss() - before) / 1e6).toBeLessThan(400)
    deaf.socket.resume()
    expect([1006, 1013]).toContain(await deaf.closed)
    const back = await follow(task, deaf.seqs(task).at(-1))
    expect([...deaf.seqs(task), ...back.seqs(task)]).toEqual(range(1, 1 + rounds * 50))
  })

  it('that is merely slow gets bye with its cursors and 1013', async () => {
    await start({ stream: { fullMs: 300 } })
    const task = await newTask()
    const slow = await follow(task)
    slow.socket.pause()
    for (let round = 0; round < 30; round++) {
      await edge.emit(task, ...Array.from({ length: 50 }, () => ({ text: 'x'.repeat(10_000) })))
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
    slow.socket.resume()
    expect(await slow.closed).toBe(1013)
    const bye = await slow.get('bye')
    expect(bye).toMatchObject({ code: 1013, cursors: { [task]: slow.seqs(task).at(-1) } })
  })

  it('that sends without reading the answers does not fill the server', async () => {
    await start({ stream: { fullMs: 300, closeMs: 300 } })
    const client = await openStream(edge.url)
    client.socket.pause()
    const ping = JSON.stringify({ type: 'ping', ref: 'x'.repeat(128) })
    for (let i = 0; i < 50_000; i++) client.socket.send(ping)
    await expect.poll(() => edge.server.streams, { timeout: 10_000 }).toBe(0)
  })

  it('that is silent for two periods is cut, and one that answers pings is not', async () => {
    await start({ stream: { heartbeatMs: 500 } })
    const [silent, alive] = [await openStream(edge.url), await openStream(edge.url)]
    silent.socket.pause()
    await expect.poll(() => edge.server.streams).toBe(1)
    await once(alive.socket, 'ping')
    alive.send({ type: 'ping', ref: 'a' })
    await alive.get('pong')
  })
})

describe('the number', () => {
  it('of subscriptions on a connection is bounded, whatever is asked for', async () => {
    await start()
    const task = await newTask()
    const client = await openStream(edge.url)
    for (let i = 0; i < 10_000; i++)
      client.send({ type: 'submit', ref: `${i}`, task: { kind: 'a', input: 1 }, subscribe: true })
    client.send({ type: 'ping', ref: 'end' })
    await client.get('pong')
    await expect
      .poll(() => client.received.filter(({ type }) => type === 'error' || type === 'live').length, { timeout: 20_000 })
      .toBe(10_000)
    const errors = client.received.filter((message) => message.type === 'error')
    expect(errors).toHaveLength(9_900)
    expect(errors.every(({ code }) => code === 'TOO_MANY')).toBe(true)
    const tasks = (await (await edge.call('/v1/tasks?kind=a&limit=100')).json()) as { nextCursor: string | null }
    expect(tasks.nextCursor).toBeNull()
    client.send({ type: 'unsubscribe', ref: '0' })
    client.send({ type: 'subscribe', ref: 'again', task })
    await client.get('live', ({ ref }) => ref === 'again')
  })

  it('of connections is bounded, in all and for a tenant', async () => {
    await start({ stream: { connections: 3, connectionsPerTenant: 2 } })
    const first = await openStream(edge.url)
    await openStream(edge.url)
    expect(await refusedUpgrade(edge.url, tokens.acme)).toBe(429)
    await openStream(edge.url, tokens.other)
    expect(await refusedUpgrade(edge.url, tokens.admin)).toBe(429)
    first.socket.close()
    await first.closed
    await expect.poll(() => edge.server.streams).toBe(2)
    await openStream(edge.url)
  })
})

describe('a server that stops', () => {
  it('says bye with cursors to every stream, and lets long polls go', async () => {
    await start()
    const task = await newTask()
    const [one, other] = [await follow(task), await openStream(edge.url)]
    const poll = edge.call(`/v1/tasks/${task}/events?after=1&wait=55`)
    await edge.emit(task, { text: 'last words' })
    expect((await poll).status).toBe(200)
    const waiting = edge.call(`/v1/tasks/${task}/events?after=2&wait=55`)
    await one.get('event', ({ seq }) => seq === 2)
    const begun = performance.now()
    await edge.server.close()
    expect(performance.now() - begun).toBeLessThan(30_000)
    expect(await one.get('bye')).toMatchObject({ code: 1001, cursors: { [task]: 2 } })
    expect(await other.get('bye')).toMatchObject({ code: 1001, cursors: {} })
    expect([await one.closed, await other.closed]).toEqual([1001, 1001])
    expect((await waiting).status).toBe(200)
  })

  it('stops within its time although a client does not let go', async () => {
    await start({ limits: { closeMs: 500 }, stream: { closeMs: 300 } })
    const client = await openStream(edge.url)
    client.socket.pause()
    const begun = performance.now()
    await edge.server.close()
    expect(performance.now() - begun).toBeLessThan(20_000)
  })
})

it('a client that reconnects with its cursor, again and again, gets every event once and in order', async () => {
  await start()
  const task = await newTask()
  const total = 2_000
  const writing = (async () => {
    for (let i = 0; i < total / 10; i++) await edge.emit(task, ...range(1, 10).map((n) => ({ text: `${n}` })))
  })()
  const seen: number[] = []
  while (seen.length <= total) {
    const client = await openStream(edge.url)
    client.send({ type: 'subscribe', ref: 'x', task, after: seen.at(-1) ?? 0 })
    const enough = Math.min(total + 1, (seen.at(-1) ?? 0) + 150)
    await client.get('event', ({ seq }) => seq >= enough)
    client.socket.terminate()
    seen.push(...client.seqs(task))
  }
  await writing
  expect(seen).toEqual(range(1, total + 1))
})
