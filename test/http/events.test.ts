import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ContractEventPage } from '../../src/contract/event.ts'
import { systemClock } from '../../src/system/clock.ts'
import { type Edge, startEdge } from './fixtures/edge.ts'

let edge: Edge
let id: string
beforeAll(async () => {
  edge = await startEdge({ clock })
})
afterAll(() => edge.stop())

/** Timers of the longest wait that nobody has taken back. They never fire: what ends was ended by something else. */
const timers = new Set<() => void>()
const clock = {
  ...systemClock,
  after(milliseconds: number, call: () => void) {
    if (milliseconds !== 55_000) return systemClock.after(milliseconds, call)
    timers.add(call)
    return () => void timers.delete(call)
  },
}

async function newTask(): Promise<string> {
  const body = JSON.stringify({ kind: 'lint', input: {} })
  const response = await edge.call('/v1/tasks', { method: 'POST', body })
  return ((await response.json()) as { id: string }).id
}

async function events(query: string): Promise<ContractEventPage> {
  const response = await edge.call(`/v1/tasks/${id}/events?${query}`)
  expect(response.status).toBe(200)
  return (await response.json()) as ContractEventPage
}

describe('a task’s events over REST', () => {
  it('come page by page from a cursor', async () => {
    id = await newTask()
    await edge.emit(id, { text: 'a' }, { text: 'b' }, { text: 'c' })
    const page = await events('after=1&limit=2')
    expect(page.items.map(({ seq, data }) => [seq, data.text])).toEqual([
      [2, 'a'],
      [3, 'b'],
    ])
    expect(page).toMatchObject({ firstSeq: 1, lastSeq: 4 })
    expect((await events('')).items).toHaveLength(4)
    expect((await events('after=4')).items).toEqual([])
  })

  it('are waited for, and answered as soon as there is one', async () => {
    id = await newTask()
    const waiting = events('after=1&wait=55')
    await listening()
    await edge.emit(id, { text: 'news' })
    expect((await waiting).items).toMatchObject([{ seq: 2, data: { text: 'news' } }])
    expect(edge.hub.tasks).toBe(0)
  })

  it('are waited for no longer than asked, and not at all when none can come', async () => {
    id = await newTask()
    expect((await events('after=1&wait=0.05')).items).toEqual([])
    await edge.call(`/v1/tasks/${id}/cancel`, { method: 'POST' })
    expect((await events('after=2&wait=55')).items).toEqual([])
  })

  it('leave nothing behind when the one who waits goes away', async () => {
    id = await newTask()
    const leaving = new AbortController()
    const waiting = edge.call(`/v1/tasks/${id}/events?after=1&wait=55`, { signal: leaving.signal })
    await listening()
    leaving.abort()
    await expect(waiting).rejects.toThrow()
    await expect.poll(() => edge.hub.tasks).toBe(0)
    expect(timers.size).toBe(0)
  })

  it('leave nothing behind when the one who would wait goes away while the task is looked up', async () => {
    id = await newTask()
    const leaving = new AbortController()
    const response = responseTo(`/v1/tasks/${id}/events`)
    const lookUp = edge.journal.task.bind(edge.journal)
    const lookUps = vi.spyOn(edge.journal, 'task').mockImplementationOnce(async (...names) => {
      leaving.abort()
      await once(await response, 'close')
      return lookUp(...names)
    })
    const listens = vi.spyOn(edge.hub, 'listen')
    try {
      const waiting = edge.call(`/v1/tasks/${id}/events?after=1&wait=55`, { signal: leaving.signal })
      await expect(waiting).rejects.toThrow()
      await expect.poll(() => [listens.mock.calls.length, edge.hub.tasks, timers.size]).toEqual([1, 0, 0])
    } finally {
      lookUps.mockRestore()
      listens.mockRestore()
    }
  })

  it.each(['after=9', 'after=-1', 'after=x', 'after=1e3', 'limit=0', 'limit=1001', 'wait=56', 'wait=1&wait=2', 'x=1'])(
    'refuse %s',
    async (query) => {
      id = await newTask()
      const response = await edge.call(`/v1/tasks/${id}/events?${query}`)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ code: 'BAD_REQUEST', detail: expect.stringMatching(/\w/) })
    },
  )

  it('make a log of one line each, however many pages it takes', async () => {
    id = await newTask()
    const lines = Array.from({ length: 1000 }, (_, i) => `line ${i} ä`)
    for (let i = 0; i < lines.length; i += 100) {
      await edge.emit(id, ...lines.slice(i, i + 100).map((text, n) => ({ text: n % 2 ? text : `${text}\n` })))
    }
    const response = await edge.call(`/v1/tasks/${id}/log`)
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await response.text()).toBe(`${lines.join('\n')}\n`)
  })

  it('come on shorter pages where they are large, and are all in the log', async () => {
    id = await newTask()
    const texts = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(400 * 1024))
    await edge.emit(id, ...texts.map((text) => ({ text })))
    const page = await events('after=1&limit=1000')
    expect(page).toMatchObject({ lastSeq: 11 })
    expect(page.items.map(({ seq }) => seq)).toEqual([2, 3])
    expect((await events('after=3&limit=1000')).items[0]?.seq).toBe(4)
    const log = await edge.call(`/v1/tasks/${id}/log`)
    expect((await log.text()) === `${texts.join('\n')}\n`).toBe(true)
  })

  it('make an empty log when nothing was printed', async () => {
    id = await newTask()
    const response = await edge.call(`/v1/tasks/${id}/log`)
    expect([response.status, await response.text()]).toEqual([200, ''])
  })
})

async function listening(): Promise<void> {
  await expect.poll(() => edge.hub.tasks).toBe(1)
}

/** The server's own side of the next request for this. */
function responseTo(path: string): Promise<ServerResponse> {
  const channel = 'http.server.request.start'
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  const hear = (message: unknown) => {
    const { request, response } = message as { request: { url: string }; response: ServerResponse }
    if (!request.url.startsWith(path)) return
    unsubscribe(channel, hear)
    resolve(response)
  }
  subscribe(channel, hear)
  return promise
}
