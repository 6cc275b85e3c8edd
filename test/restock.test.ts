import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Journal } from '../src/journal/journal.ts'
import { endQueued } from '../src/journal/moves.ts'
import { Restock } from '../src/restock.ts'
import { Board } from '../src/schedule/board.ts'
import { Heap } from '../src/schedule/heap.ts'
import { inOrder } from '../src/schedule/order.ts'
import { plan } from '../src/schedule/plan.ts'
import { type Waiting, waitingOf } from '../src/schedule/waiting.ts'
import { systemClock } from '../src/system/clock.ts'
import { systemLogger } from '../src/system/logger.ts'
import { cancelled } from '../src/task/classify.ts'
import type { Task } from '../src/task/task.ts'
import { claimMove, queuedIn, sampleEvent, sampleTask } from './contracts/samples.ts'
import { openPolicy } from './fixtures/open-policy.ts'
import { openIn, temporaryDirectory } from './journal/sqlite/fixture.ts'

const atFirst = 10_000
const slots = 64

/** A board that keeps a few of one lane, beside a journal that has all of it, and whoever submits and cancels meanwhile. */
class Scene {
  readonly board = new Board(openPolicy(slots))
  readonly started: string[] = []
  readonly lost = new Set<string>()
  /** All that waits, as plainly as can be. */
  readonly #line = new Heap<Waiting>(inOrder)
  readonly #waiting = new Map<string, Waiting>()
  readonly #ids: string[] = []
  readonly #underWay = new Set<Promise<void>>()
  readonly #journal: Journal
  readonly #restock: Restock
  readonly #random: () => number

  constructor(journal: Journal, random: () => number) {
    this.#journal = journal
    this.#random = random
    const deps = { journal, clock: systemClock, logger: systemLogger('silent') }
    this.#restock = new Restock(deps, this.board, () => {})
  }

  get count(): number {
    return this.#ids.length
  }

  get left(): number {
    return this.#waiting.size + this.#underWay.size
  }

  /** In no order: neither ids nor ages follow the order of submission. */
  async submit(count: number): Promise<void> {
    const tasks = Array.from({ length: count }, () => this.#someTask())
    for (const { id } of tasks) this.board.expect(id)
    await Promise.all(this.#journal.addAll(tasks.map((task) => ({ task, queued: sampleEvent() }))))
    for (const task of tasks) {
      const waiting = waitingOf(task)
      this.#line.put(waiting)
      this.#waiting.set(task.id, waiting)
      this.board.add(waiting)
    }
  }

  async cancel(): Promise<void> {
    const task = this.#waiting.get(this.#ids[Math.floor(this.#random() * this.#ids.length)] ?? '')
    if (!task) return
    const end = endQueued(task, { error: cancelled(null), at: systemClock.now(), needsCleanup: false })
    const { moved } = await this.#journal.move(end)
    if (!moved) return
    this.lost.add(task.id)
    this.#forget(task)
    this.board.remove(task)
  }

  /** Starts whatever finds a slot, and sees that it is who comes first of all that waits. */
  turn(): void {
    this.board.advance(systemClock.now())
    for (let next = plan(this.board, systemClock.now()); next?.do === 'start'; ) {
      const { task } = next
      expect(task).toEqual(this.#line.first)
      this.#forget(this.#line.first as Waiting)
      this.board.start(task.id, systemClock.now())
      this.started.push(task.id)
      this.meanwhile(this.#claim(task))
      next = plan(this.board, systemClock.now())
    }
    this.#restock.look()
  }

  meanwhile(work: Promise<void>): void {
    const done = work.finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #claim(task: Waiting): Promise<void> {
    await this.#journal.move(claimMove(task))
    this.board.end(task.id, systemClock.now(), 'counts')
  }

  #forget(task: Waiting): void {
    const known = this.#waiting.get(task.id)
    this.#waiting.delete(task.id)
    if (known) this.#line.delete(known)
  }

  #someTask(): Task {
    const priority = this.#random() < 0.3 ? this.#random() * 100 - 50 : 0
    const createdAt = 1_700_000_000_000 + Math.floor(this.#random() * 50_000)
    const task = sampleTask({ priority, createdAt, front: this.#random() < 0.01 })
    this.#ids.push(task.id)
    return task
  }
}

let place: ReturnType<typeof temporaryDirectory>
let journal: Journal

beforeEach(async () => {
  place = temporaryDirectory()
  journal = await openIn(place.directory)
})
afterEach(async () => {
  await journal.close()
  place.remove()
})

const patienceMs = 120_000

test(
  'ten thousand tasks of one lane start in order, each once, while others come and some are cancelled',
  async () => {
    const property = fc.asyncProperty(
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
      async (stream) => {
        const random = () => stream.next().value as number
        const scene = new Scene(journal, random)
        await scene.submit(atFirst)
        while (scene.left > 0) {
          scene.turn()
          const luck = random()
          if (luck < 0.2 && scene.count < 1.1 * atFirst) scene.meanwhile(scene.submit(1 + Math.floor(random() * 20)))
          else if (luck < 0.4) scene.meanwhile(scene.cancel())
          await setImmediate()
        }
        await scene.settled()
        expect(new Set(scene.started).size).toBe(scene.started.length)
        expect(new Set([...scene.started, ...scene.lost]).size).toBe(scene.count)
        expect(scene.lost.size).toBeGreaterThan(10)
        expect(await queuedIn(journal)).toEqual([])
        expect(scene.board.figures.queuedOf('acme')).toBe(0)
      },
    )
    await fc.assert(property, { numRuns: 1 })
  },
  patienceMs,
)
