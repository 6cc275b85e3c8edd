/**
 * Streams through connections that go wrong in every way at random places: a few seconds of it, or as many as
 * `MAYFLY_CHAOS_SECONDS` says (`npm run test:chaos`).
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Mayfly, type Sight } from '../../src/client/client.ts'
import { type Edge, startEdge, tokens } from '../http/fixtures/edge.ts'
import { type Mishap, startMangler } from './fixtures/mangler.ts'
import { quickPace } from './fixtures/pace.ts'
import { type Fate, startProxy } from './fixtures/proxy.ts'

const seconds = Number(process.env.MAYFLY_CHAOS_SECONDS ?? 4)
const patience = { silenceMs: 60, openMs: 200 }

let edge: Edge
let direct: Mayfly

beforeAll(async () => {
  edge = await startEdge()
  direct = new Mayfly({ url: edge.url, token: tokens.acme })
})

afterAll(() => edge.stop())

const fate: fc.Arbitrary<Fate> = fc.record({
  after: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 40_000 })),
  end: fc.constantFrom('cut' as const, 'stall' as const),
  twice: fc.boolean(),
  lateMs: fc.constantFrom(0, 0, 5, 40),
})

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('pass' as const) },
  { weight: 1, arbitrary: fc.constantFrom('twice' as const, 'later' as const, 'lost' as const) },
)

/** What befalls the connections and messages of one watching; nothing once all of it has been used. */
const weather = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 8 }),
  mishaps: fc.array(mishap, { minLength: 0, maxLength: 1_000 }),
})

/** A client of the server behind both proxies. */
async function through(
  { fates, mishaps }: { fates: readonly Fate[]; mishaps: readonly Mishap[] },
  work: (client: Mayfly) => Promise<void>,
) {
  const left = mishaps.values()
  const mangler = await startMangler(edge.url, () => left.next().value ?? 'pass')
  const proxy = await startProxy(mangler.url, (connection) => fates[connection] ?? {})
  try {
    await work(new Mayfly({ url: proxy.url, token: tokens.acme, pace: quickPace, answerMs: 500 }))
  } finally {
    await proxy.stop()
    mangler.stop()
  }
}

const say = (id: string, count: number) =>
  edge.emit(id, ...Array.from({ length: count }, (_, at) => ({ stream: 'stdout', text: `${at}`.repeat(40) })))

/** They mostly wait, so several do it beside each other. */
const lanes = 6

/** How often it held in a part of the time: once at least. */
async function holds(part: number, does: (client: Mayfly) => Promise<void>): Promise<number> {
  let held = 0
  const property = fc.asyncProperty(weather, (what) => through(what, does))
  const until = Date.now() + part * seconds * 1_000
  const lane = async () => {
    do {
      // Each time with a seed of its own, and without an end in the middle: nothing goes on when the time is over.
      await fc.assert(property, { numRuns: 1, endOnFailure: true })
      held++
    } while (Date.now() < until)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  if (process.env.MAYFLY_CHAOS_SECONDS) process.stderr.write(`held ${held} times in ${part * seconds} s\n`)
  return held
}

it(
  `gives every event of a task once and in order, in ${seconds} seconds of any weather`,
  async () => {
    const held = await holds(0.6, async (client) => {
      const { id } = await direct.submit({ kind: 'exec', input: {} })
      await say(id, 100)
      const seqs: number[] = []
      const watching = (async () => {
        for await (const { seq } of client.watch(id, { patience })) seqs.push(seq)
      })()
      for (let turn = 0; turn < 5; turn++) await say(id, 20)
      await direct.cancel(id)
      await watching
      expect(seqs).toEqual(Array.from({ length: 202 }, (_, at) => at + 1))
    })
    expect(held).toBeGreaterThan(0)
  },
  (seconds + 60) * 1_000,
)

it(
  'submits once, and knows how each task of a filter ended, in the same weather',
  async () => {
    const held = await holds(0.4, async (client) => {
      const mark = `mark-${crypto.randomUUID()}`
      const ids: string[] = []
      const watching = endsOf(client, mark, 3)
      for (let count = 0; count < 3; count++) {
        const request = { kind: 'exec', input: {}, labels: { mark } }
        const { id } = await persistently(() => client.submit(request, { idempotencyKey: `${mark}-${count}` }))
        ids.push(id)
        await say(id, 20)
      }
      for (const id of ids) await direct.cancel(id)
      expect([...(await watching)].sort()).toEqual(ids.sort())
      expect((await direct.page({ label: `mark:${mark}` })).items).toHaveLength(3)
    })
    expect(held).toBeGreaterThan(0)
  },
  (seconds + 60) * 1_000,
)

async function endsOf(client: Mayfly, mark: string, count: number): Promise<ReadonlySet<string>> {
  const ended = new Set<string>()
  for await (const sight of client.watchAll({ label: `mark:${mark}` }, { patience })) {
    if (isEnded(sight)) ended.add(sight.type === 'task' ? sight.task.id : sight.task)
    if (ended.size === count) break
  }
  return ended
}

function isEnded(sight: Sight): boolean {
  return sight.type === 'task' ? sight.task.state === 'cancelled' : sight.event.type === 'task.cancelled'
}

/** A call is tried three times only: in this weather it takes more. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (tries === 10) throw error
    }
  }
}
