import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Mayfly, type Sight, type WatchAllOptions } from '../../src/client/client.ts'
import type { TaskFilter } from '../../src/contract/query.ts'
import { type Edge, startEdge, tokens } from '../http/fixtures/edge.ts'
import { quickPace } from './fixtures/pace.ts'
import { startProxy } from './fixtures/proxy.ts'

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
const submit = async (mark: string) =>
  (await clientOf(edge.url).submit({ kind: 'exec', input: {}, labels: { mark } })).id
const say = (id: string, count: number) =>
  edge.emit(id, ...Array.from({ length: count }, () => ({ stream: 'stdout', text: 'x'.repeat(200) })))
const cancel = (id: string) => clientOf(edge.url).cancel(id)

/** For connections that stall. On a machine with much to do it gives up those, too, that do not. */
const impatient: WatchAllOptions = { patience: { silenceMs: 60, openMs: 500 } }

/** Collects what comes until it is enough, and then lets go. */
async function until(
  url: string,
  filter: TaskFilter,
  enough: (sights: readonly Sight[]) => boolean,
  how: WatchAllOptions = impatient,
) {
  const sights: Sight[] = []
  for await (const sight of clientOf(url).watchAll(filter, how)) {
    sights.push(sight)
    if (enough(sights)) break
  }
  return sights
}

/** Who is known to have ended, by an event or as a task that is shown. */
const ended = (sights: readonly Sight[]) =>
  new Set(
    sights.flatMap((sight) => {
      if (sight.type === 'task') return sight.task.state === 'cancelled' ? sight.task.id : []
      return sight.event.type === 'task.cancelled' ? sight.task : []
    }),
  )

describe('watching all tasks of a filter', () => {
  it('shows those that there are and those that come, and every event of each, once and in order', async () => {
    const first = await submit('all')
    await submit('none')
    // As patient as it comes: over a second connection each task would be shown a second time.
    const watching = until(edge.url, { label: 'mark:all' }, (sights) => ended(sights).size === 2, {})
    await say(first, 5)
    const second = await submit('all')
    await say(second, 3)
    for (const id of [first, second]) await cancel(id)
    const sights = await watching
    for (const [id, last] of [
      [first, 7],
      [second, 5],
    ] as const) {
      const shown = sights.filter((sight) => sight.type === 'task' && sight.task.id === id)
      expect(shown).toHaveLength(1)
      const seqs = sights.flatMap((sight) => (sight.type === 'event' && sight.task === id ? sight.event.seq : []))
      const from = shown[0]?.type === 'task' ? shown[0].task.lastSeq : 0
      expect(seqs).toEqual(Array.from({ length: last - from }, (_, at) => from + at + 1))
    }
  })

  it('knows in the end how each task ended, though connections are cut and stall', async () => {
    const fates = [{ after: 6_000 }, { after: 0 }, { after: 9_000, end: 'stall' as const }, { after: 15_000 }]
    const proxy = await startProxy(edge.url, (connection) => fates[connection] ?? {})
    stops.push(proxy.stop)
    const ids = await Promise.all(Array.from({ length: 5 }, () => submit('cut')))
    const watching = until(proxy.url, { label: 'mark:cut' }, (sights) => ended(sights).size === 8)
    for (const id of ids) await say(id, 20)
    for (let count = 0; count < 3; count++) ids.push(await submit('cut'))
    for (const id of ids) await cancel(id)
    expect([...ended(await watching)].sort()).toEqual(ids.sort())
  })

  it('shows a task that left a state while nobody looked', async () => {
    const gate = Promise.withResolvers<void>()
    const proxy = await startProxy(edge.url, (connection) => (connection === 0 ? { after: 5_000 } : {}))
    stops.push(proxy.stop)
    const id = await submit('left')
    const watching = until(proxy.url, { label: 'mark:left', state: 'queued' }, (sights) => {
      if (sights.length === 1) gate.resolve()
      return ended(sights).size === 1
    })
    await gate.promise
    // What is said takes the first connection beyond its end, and so the end of the task is not heard over it.
    await say(id, 40)
    await cancel(id)
    expect([...ended(await watching)]).toEqual([id])
  })

  it.each([
    ['a token that is not valid', 'x'.repeat(40), {}, 'UNAUTHORIZED'],
    ['a filter that makes no sense', tokens.acme, { state: 'asleep' } as object, 'BAD_REQUEST'],
  ])('refuses %s', async (_what, token, filter, code) => {
    await expect(clientOf(edge.url, token).watchAll(filter).next()).rejects.toMatchObject({ name: 'MayflyError', code })
  })

  it('ends with the reason of an abort', async () => {
    const abort = new AbortController()
    const next = clientOf(edge.url).watchAll({ label: 'mark:nobody' }, { signal: abort.signal }).next()
    abort.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })
})
