import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventPage } from '../../src/journal/journal.ts'
import { Hub } from '../../src/stream/hub.ts'
import { type Sink, Subscription } from '../../src/stream/subscription.ts'
import type { TaskEvent } from '../../src/task/task.ts'

/** Commits, publications, reads and readers, each moving only when told to: any interleaving can be played. */
class Stage {
  readonly hub = new Hub()
  readonly received: number[] = []
  readonly gaps: number[] = []
  lives = 0
  full = false
  subscription: Subscription
  #stored: TaskEvent[] = []
  #committed = 0
  #published = 0
  #reads: { readonly resolve: (page: EventPage) => void; readonly after: number; page?: EventPage }[] = []
  #waiting: (() => void)[] = []

  constructor() {
    this.subscription = this.#follow(0)
  }

  commit(count: number): void {
    for (let i = 0; i < count; i++) this.#stored.push(eventOf(++this.#committed))
  }

  /** What is published has been committed, and comes in order; it may come late. */
  publish(count: number): void {
    const upTo = Math.min(this.#published + count, this.#committed)
    const batch = Array.from({ length: upTo - this.#published }, (_, i) => eventOf(this.#published + i + 1))
    this.#published = upTo
    this.hub.publish(batch)
  }

  /** The moment at which the oldest read sees the store; it is answered later. */
  look(): void {
    const read = this.#reads.find(({ page }) => !page)
    if (read) read.page = this.#pageAfter(read.after)
  }

  answer(): void {
    const read = this.#reads.shift()
    read?.resolve(read.page ?? this.#pageAfter(read.after))
  }

  setFull(full: boolean): void {
    this.full = full
    if (full) return
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** The connection breaks, and the reader comes back with its cursor. */
  cut(): void {
    this.subscription.end()
    this.subscription = this.#follow(Math.max(this.received.at(-1) ?? 0, (this.gaps.at(-1) ?? 1) - 1))
  }

  prune(count: number): void {
    this.#stored = this.#stored.slice(Math.min(count, this.#published))
  }

  async settle(): Promise<void> {
    this.publish(Number.POSITIVE_INFINITY)
    this.setFull(false)
    for (let idle = 0; idle < 3; idle++) {
      await turn()
      if (this.#reads.length > 0) idle = -1
      this.answer()
    }
  }

  get committed(): number {
    return this.#committed
  }

  get openReads(): number {
    return this.#reads.length
  }

  #follow(after: number): Subscription {
    const journal = {
      events: (_task: string, from: number) => {
        const { promise, resolve } = Promise.withResolvers<EventPage>()
        this.#reads.push({ resolve, after: from })
        return promise
      },
    }
    const followed = { task: 't', after, lastSeq: this.#committed, hub: this.hub, journal }
    return new Subscription(followed, this.#sink())
  }

  #sink(): Sink {
    const stage = this
    return {
      get full() {
        return stage.full
      },
      room: () => (stage.full ? new Promise((resolve) => stage.#waiting.push(resolve)) : Promise.resolve()),
      event: (message) => void stage.received.push(JSON.parse(String(message)).seq),
      gap: (_task, firstSeq) => void stage.gaps.push(firstSeq),
      live: () => void stage.lives++,
      failed: (error) => expect.fail(String(error)),
    }
  }

  /** Three at a time, so that a replay takes many reads. */
  #pageAfter(after: number): EventPage {
    const events = this.#stored.filter(({ seq }) => seq > after).slice(0, 3)
    return { events, firstSeq: this.#stored[0]?.seq ?? 0, lastSeq: this.#stored.at(-1)?.seq ?? 0 }
  }
}

function eventOf(seq: number): TaskEvent {
  return { task: 't', tenant: 'acme', seq, type: 'task.log', at: 0, attempt: 1, data: {} }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

type Step = (stage: Stage) => void

const steps: fc.Arbitrary<Step>[] = [
  fc.integer({ min: 1, max: 8 }).map((count) => (stage) => stage.commit(count)),
  fc.integer({ min: 1, max: 8 }).map((count) => (stage) => stage.publish(count)),
  fc.constant((stage) => stage.look()),
  fc.constant((stage) => stage.answer()),
  fc.boolean().map((full) => (stage) => stage.setFull(full)),
  fc.constant((stage) => stage.cut()),
]

const histories = fc.array(fc.tuple(fc.oneof(...steps), fc.boolean()), { maxLength: 80, size: 'max' })

async function play(stage: Stage, history: readonly (readonly [Step, boolean])[]): Promise<void> {
  for (const [step, thenTurn] of history) {
    step(stage)
    if (thenTurn) await turn()
  }
}

describe('a subscription', () => {
  it('delivers every event exactly once and in order, however commits, reads and cuts fall', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const stage = new Stage()
        await play(stage, history)
        await stage.settle()
        expect(stage.received).toEqual(Array.from({ length: stage.committed }, (_, i) => i + 1))
        expect(stage.gaps).toEqual([])
        expect(stage.lives).toBeGreaterThan(0)
        stage.subscription.end()
        expect(stage.hub.tasks).toBe(0)
      }),
      { numRuns: 400 },
    )
  })

  it('announces every hole that pruning left, and nothing else', async () => {
    const pruning = fc.integer({ min: 1, max: 6 }).map(
      (count): Step =>
        (stage) =>
          stage.prune(count),
    )
    const pruned = fc.array(fc.tuple(fc.oneof(...steps, pruning), fc.boolean()), { maxLength: 80, size: 'max' })
    await fc.assert(
      fc.asyncProperty(pruned, async (history) => {
        const stage = new Stage()
        await play(stage, history)
        await stage.settle()
        let previous = 0
        for (const seq of stage.received) {
          expect(seq).toBeGreaterThan(previous)
          if (seq > previous + 1) expect(stage.gaps).toContain(seq)
          previous = seq
        }
        expect(Math.max(previous, ...stage.gaps.map((firstSeq) => firstSeq - 1))).toBe(stage.committed)
      }),
      { numRuns: 400 },
    )
  })

  it('says once that it is live, and reads nothing more while it is', async () => {
    const stage = new Stage()
    stage.commit(2)
    await stage.settle()
    expect(stage.lives).toBe(1)
    stage.commit(3)
    stage.publish(3)
    await turn()
    expect(stage.received).toEqual([1, 2, 3, 4, 5])
    expect(stage.openReads).toBe(0)
    expect(stage.lives).toBe(1)
  })

  it('keeps nothing for a reader that is full, and goes on from the journal', async () => {
    const stage = new Stage()
    await stage.settle()
    stage.setFull(true)
    stage.commit(5)
    stage.publish(5)
    await turn()
    expect(stage.received).toEqual([])
    await stage.settle()
    expect(stage.received).toEqual([1, 2, 3, 4, 5])
    expect(stage.lives).toBe(1)
  })

  it('reports a journal that cannot be read, and listens no more', async () => {
    const hub = new Hub()
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const journal = { events: () => Promise.reject(new Error('disk')) }
    const sink: Sink = { full: false, room: async () => {}, event() {}, gap() {}, live() {}, failed: resolve }
    new Subscription({ task: 't', after: 0, lastSeq: 0, hub, journal }, sink)
    expect(await promise).toEqual(new Error('disk'))
    expect(hub.tasks).toBe(0)
  })
})

describe('the hub', () => {
  it('makes one message of an event for all who want it, and none when nobody does', () => {
    const hub = new Hub()
    const messages: Buffer[] = []
    const stops = [1, 2].map(() => hub.listen('t', (published) => void messages.push(published.message)))
    hub.publish([eventOf(1), { ...eventOf(1), task: 'another' }])
    expect(messages).toHaveLength(2)
    expect(messages[0]).toBe(messages[1])
    for (const stop of stops) stop()
    hub.publish([eventOf(2)])
    expect(messages).toHaveLength(2)
    expect(hub.tasks).toBe(0)
  })
})
