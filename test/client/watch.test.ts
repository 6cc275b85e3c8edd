import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Mayfly, type SocketClass, type WatchOptions } from '../../src/client/client.ts'
import { type Edge, newTask, startEdge, tokens } from '../http/fixtures/edge.ts'
import { leapingPace, quickPace } from './fixtures/pace.ts'
import { startProxy } from './fixtures/proxy.ts'
import { eventMessage, type Script, startScripted } from './fixtures/script.ts'

let edge: Edge
let stops: (() => unknown)[] = []

beforeAll(async () => {
  edge = await startEdge()
})

afterAll(() => edge.stop())

afterEach(async () => {
  for (const stop of stops) await stop()
  stops = []
})

const clientOf = (url: string, token: string = tokens.acme) => new Mayfly({ url, token, pace: quickPace })

/** A task with so many events after its first, all of which exist. */
async function taskWith(events: number): Promise<string> {
  const { id } = await clientOf(edge.url).submit({ kind: 'exec', input: {} })
  await say(id, events)
  return id
}

async function say(id: string, events: number): Promise<void> {
  if (events > 0)
    await edge.emit(id, ...Array.from({ length: events }, (_, at) => ({ stream: 'stdout', text: `${at}`.repeat(40) })))
}

async function seqsOf(client: Mayfly, id: string, options: WatchOptions = {}): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of client.watch(id, options)) seqs.push(seq)
  return seqs
}

const upTo = (last: number, after = 0) => Array.from({ length: last - after }, (_, at) => after + at + 1)

describe('watching a task', () => {
  it('gives every event once and in order, and ends with the task', async () => {
    const id = await taskWith(600)
    const seqs = seqsOf(clientOf(edge.url), id)
    await say(id, 50)
    await clientOf(edge.url).cancel(id)
    expect(await seqs).toEqual(upTo(652))
  })

  it('does the same where a ticket has to stand for the token, a new one for each connection', async () => {
    const proxy = await startProxy(edge.url, (connection) => (connection % 2 === 1 ? { after: 9_000 } : {}))
    stops.push(proxy.stop)
    const client = new Mayfly({ url: proxy.url, token: tokens.acme, streamsWith: 'ticket' })
    const id = await taskWith(200)
    await clientOf(edge.url).cancel(id)
    expect(await seqsOf(client, id)).toEqual(upTo(202))
    const stranger = new Mayfly({ url: edge.url, token: 'x'.repeat(40), streamsWith: 'ticket' })
    await expect(seqsOf(stranger, id)).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('goes on after a cursor', async () => {
    const id = await taskWith(10)
    await clientOf(edge.url).cancel(id)
    expect(await seqsOf(clientOf(edge.url), id, { after: 7 })).toEqual(upTo(12, 7))
  })

  it('ends at once where the end is known already', async () => {
    const id = await taskWith(0)
    await clientOf(edge.url).cancel(id)
    expect(await seqsOf(clientOf(edge.url), id, { after: 2 })).toEqual([])
  })

  it('says when a connection is lost, and lets a reader that is slower than the stream have everything', async () => {
    const id = await taskWith(300)
    await clientOf(edge.url).cancel(id)
    const lost: string[] = []
    const options = { patience: { mostUnread: 20 }, onLost: (reason: string) => lost.push(reason) }
    expect(await seqsOf(clientOf(edge.url), id, options)).toEqual(upTo(302))
    expect(lost[0]).toBe('too much was unread')
  })

  it.each([
    {
      what: 'an unknown task',
      id: newTask('acme', { kind: 'exec', input: {} }).id,
      token: tokens.acme,
      code: 'NOT_FOUND',
    },
    { what: 'an id that is none', id: '../tasks', token: tokens.acme, code: 'NOT_FOUND' },
    { what: 'a token that is not valid', id: 'any', token: 'x'.repeat(40), code: 'UNAUTHORIZED' },
  ])('refuses $what', async ({ id, token, code }) => {
    await expect(seqsOf(clientOf(edge.url, token), id)).rejects.toMatchObject({ name: 'MayflyError', code })
  })

  it('refuses a cursor from the future', async () => {
    await expect(seqsOf(clientOf(edge.url), await taskWith(0), { after: 99 })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
  })

  it('gives up after a time where it is told to', async () => {
    const proxy = await startProxy(edge.url, () => ({ after: 0 }))
    stops.push(proxy.stop)
    const watch = seqsOf(clientOf(proxy.url), await taskWith(0), { giveUpMs: 300 })
    await expect(watch).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('comes through an hour without the server, asking every few seconds, and goes on where it was', async () => {
    const hourMs = 3_600_000
    let away = false
    const proxy = await startProxy(edge.url, () => (away ? { after: 0 } : {}))
    stops.push(proxy.stop)
    const pace = leapingPace((now) => {
      if (now > hourMs) away = false
    })
    const client = new Mayfly({ url: proxy.url, token: tokens.acme, pace })
    const id = await taskWith(10)
    const seqs: number[] = []
    const waits: number[] = []
    const onLost = (_reason: string, retryMs: number) => waits.push(retryMs)
    for await (const { seq } of client.watch(id, { onLost })) {
      if (seqs.push(seq) < 11) continue
      away = pace.now() === 0
      if (!away) continue
      proxy.cutAll()
      await say(id, 5)
      await clientOf(edge.url).cancel(id)
    }
    expect(seqs).toEqual(upTo(17))
    expect(waits.length).toBeGreaterThan(300)
    expect(Math.max(...waits)).toBe(5_000)
  })

  it('ends with the reason of an abort, while it waits for events and while it waits to connect', async () => {
    const proxy = await startProxy(edge.url, () => ({ after: 0 }))
    stops.push(proxy.stop)
    const id = await taskWith(0)
    for (const url of [edge.url, proxy.url]) {
      const abort = new AbortController()
      const watch = seqsOf(clientOf(url), id, { signal: abort.signal })
      setTimeout(() => abort.abort(new Error('enough')), 100)
      await expect(watch).rejects.toThrow('enough')
    }
  })
})

it('watches with sockets that are brought along, too, where a runtime has none', async () => {
  const sockets: string[] = []
  class Socket extends WebSocket {
    constructor(url: URL, protocol: string) {
      super(url, protocol)
      sockets.push(url.search)
    }
  }
  const client = new Mayfly({ url: edge.url, token: tokens.acme, Socket: Socket as unknown as SocketClass })
  const id = await taskWith(3)
  await client.cancel(id)
  expect(await seqsOf(client, id)).toEqual(upTo(5))
  expect(sockets).toEqual([expect.stringContaining('?ticket=')])
})

describe('what a server says seldom', () => {
  async function scripted(script: Script, task?: object) {
    const server = await startScripted(script, task)
    stops.push(server.stop)
    return clientOf(server.url)
  }

  it('that history was pruned is passed on', async () => {
    const client = await scripted((say) => {
      say({ type: 'gap', task: 'id', firstSeq: 5 })
      say(eventMessage(5))
      say(eventMessage(6, 'task.succeeded'))
    })
    const gaps: number[] = []
    expect(await seqsOf(client, 'id', { onGap: (firstSeq) => gaps.push(firstSeq) })).toEqual([5, 6])
    expect(gaps).toEqual([5])
  })

  it('that all history was pruned ends the watching of a task that has ended', async () => {
    const client = await scripted(
      (say) => {
        say({ type: 'gap', task: 'id', firstSeq: 9 })
        say({ type: 'live', ref: 'watch' })
      },
      { state: 'failed', lastSeq: 8 },
    )
    expect(await seqsOf(client, 'id')).toEqual([])
  })

  it.each([1001, 1013])('a bye with code %i is no end', async (code) => {
    const client = await scripted((say, after, socket, connection) => {
      if (connection > 0) {
        say(eventMessage(after + 1, 'task.succeeded'))
      } else {
        say(eventMessage(1))
        say({ type: 'bye', code, message: 'bye', cursors: { id: 1 } })
        socket.close(code)
      }
    })
    expect(await seqsOf(client, 'id')).toEqual([1, 2])
  })

  it('nothing for longer than it may be without a connection is no reason to give up at the next loss', async () => {
    const giveUpMs = 1_000
    const client = await scripted((say, after, socket, connection) => {
      say(eventMessage(after + 1, connection > 0 ? 'task.succeeded' : 'task.log'))
      if (connection === 0) setTimeout(() => socket.terminate(), 2 * giveUpMs)
    })
    expect(await seqsOf(client, 'id', { giveUpMs })).toEqual([1, 2])
  })

  it('another protocol is no reason to look again: one of the two has to be updated', async () => {
    const client = await scripted((say) => say(JSON.stringify({ type: 'hello', protocol: 2 })))
    const refused = { code: 'UNEXPECTED', message: expect.stringContaining('update the older of the two') }
    await expect(seqsOf(client, 'id')).rejects.toMatchObject(refused)
    await expect(client.watchAll().next()).rejects.toMatchObject(refused)
  })

  it('a loss has a cause where REST is lost, too, and none where only the stream is', async () => {
    const causes: unknown[] = []
    let after = 10_000
    const proxy = await startProxy(edge.url, () => ({ after }))
    stops.push(proxy.stop)
    const stop = new AbortController()
    const onLost = (_reason: string, _retryMs: number, cause: unknown) => {
      causes.push(cause)
      // The stream has broken: from now on nothing is answered.
      after = 0
      if (causes.length === 2) stop.abort(new Error('enough'))
    }
    const watching = seqsOf(clientOf(proxy.url), await taskWith(200), { signal: stop.signal, onLost })
    await expect(watching).rejects.toThrow('enough')
    expect(causes).toEqual([undefined, expect.objectContaining({ code: 'UNREACHABLE' })])
  })

  it('a hole, a repetition or nonsense is never passed on', async () => {
    const client = await scripted((say, after, _socket, connection) => {
      say(eventMessage(after + 1, connection > 2 ? 'task.succeeded' : 'task.log'))
      say(eventMessage(after + 1))
      if (connection === 0) say(eventMessage(after + 3))
      else if (connection === 1) say('{')
      else say({ type: 'error', ref: 'watch', code: 'INTERNAL', message: 'try again' })
    })
    expect(await seqsOf(client, 'id')).toEqual([1, 2, 3, 4])
  })
})
