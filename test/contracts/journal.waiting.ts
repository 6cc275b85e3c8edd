import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Journal, QueuedTask } from '../../src/journal/journal.ts'
import type { LaneMark, LanePlace, TimeMark } from '../../src/journal/waiting.ts'
import { inOrder, turnAt } from '../../src/schedule/order.ts'
import { waitingOf } from '../../src/schedule/waiting.ts'
import { POOLS, type Task } from '../../src/task/task.ts'
import { claimMove, sampleEvent, sampleTask } from './samples.ts'

const now = 1_700_000_000_000

/** Few values for everything, so that tasks often differ in one part of their order only. */
const orNone = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null })
const moment = fc.integer({ min: -3, max: 3 }).map((seconds) => now + seconds * 1000)
const awaits: fc.Arbitrary<Task['awaits']> = fc.constantFrom<Task['awaits']>(null, null, null, 'all', ['a', 'b'])

const someTask: fc.Arbitrary<Partial<Task>> = fc.record({
  tenant: fc.constantFrom('acme', 'globex'),
  kind: fc.constantFrom('lint', 'exec'),
  pool: fc.constantFrom(...POOLS),
  concurrency: orNone(fc.record({ key: fc.constantFrom('', 'org-a', 'Org-A', 'a"b'), limit: fc.constant(1) })),
  priority: fc.oneof(
    fc.integer({ min: -2, max: 2 }),
    fc.double({ min: -4000, max: 4000, noNaN: true }),
    fc.constantFrom(0.001, 0.1, 1 / 3, -3600, 3600, 1e9, -0),
  ),
  front: fc.boolean(),
  createdAt: moment,
  notBefore: orNone(moment),
  expiresAt: orNone(moment),
  awaits,
  cleaning: fc.constantFrom(null, null, null, 'failed'),
})

const everything: LaneMark = { front: true, turnAt: Number.MIN_SAFE_INTEGER, createdAt: 0, id: '' }
const firstOfAll: TimeMark = { at: 0, id: '' }

/** What the board leaves to the journal, it must find again in the scheduler's own order. */
export function describeWaiting(subject: () => Journal): void {
  /** Whether a lane of some test before has it too: every run looks at lanes of its own. */
  let runs = 0

  const fill = async (all: readonly Partial<Task>[]): Promise<Task[]> => {
    runs += 1
    const tasks = all.map(({ tenant, ...own }) => sampleTask({ ...own, tenant: `${tenant}-${runs}` }))
    await Promise.all(subject().addAll(tasks.map((task) => ({ task, queued: sampleEvent() }))))
    return tasks
  }

  /** All that comes, page by page, each page after the last of the one before. */
  const walk = async <Mark>(
    first: Mark,
    look: (after: Mark) => Promise<readonly QueuedTask[]>,
    markOf: (task: QueuedTask) => Mark,
  ): Promise<string[]> => {
    const ids: string[] = []
    for (let after = first; ; ) {
      const page = await look(after)
      ids.push(...page.map(({ id }) => id))
      const last = page.at(-1)
      if (!last) return ids
      after = markOf(last)
    }
  }

  test('of a lane comes in the order of the scheduler, page by page without a hole, and only what is due', async () => {
    const property = fc.asyncProperty(
      fc.array(someTask, { maxLength: 60, size: 'max' }),
      fc.integer({ min: 1, max: 7 }),
      async (all, limit) => {
        const tasks = await fill(all)
        const running = tasks.filter((_, at) => at % 7 === 3)
        for (const task of running) await subject().move(claimMove(task))
        const due = tasks.filter((task) => !running.includes(task) && isDue(task))
        for (const place of placesOf(tasks)) {
          const expected = due.filter((task) => isIn(place, task)).map((task) => waitingOf(task))
          const look = (after: LaneMark) => subject().waiting.inLane(place, after, now, limit)
          expect(await walk(everything, look, markIn)).toEqual(expected.sort(inOrder).map(({ id }) => id))
        }
      },
    )
    await fc.assert(property, { numRuns: 25 })
  })

  test('for a time comes in the order of that, and nothing that awaits others as well', async () => {
    const property = fc.asyncProperty(
      fc.array(someTask, { maxLength: 30, size: 'max' }),
      fc.integer({ min: 1, max: 7 }),
      async (all, limit) => {
        const tasks = await fill(all)
        const isOurs = new Set(tasks.map(({ id }) => id))
        const ours = (ids: readonly string[]) => ids.filter((id) => isOurs.has(id))
        const later = tasks.filter((task) => task.notBefore !== null && task.awaits === null)
        const found = await walk(
          firstOfAll,
          (after) => subject().waiting.later(after, limit),
          (task) => timeMark(task, 'notBefore'),
        )
        expect(ours(found)).toEqual(inTime(later, 'notBefore'))
        expect(new Set(found).size).toBe(found.length)
        // What waits for its cleanup has an outcome already: it does not expire any more.
        const expiring = tasks.filter((task) => task.expiresAt !== null && task.cleaning === null)
        const ending = await walk(
          firstOfAll,
          (after) => subject().waiting.expiring(after, limit),
          (task) => timeMark(task, 'expiresAt'),
        )
        expect(ours(ending)).toEqual(inTime(expiring, 'expiresAt'))
      },
    )
    await fc.assert(property, { numRuns: 15 })
  })
}

function isDue({ notBefore, awaits }: Task): boolean {
  return (notBefore ?? 0) <= now && (awaits === null || notBefore !== null)
}

function placeOf({ tenant, pool, kind, concurrency }: Task): LanePlace {
  return { tenant, pool, kind, key: concurrency?.key ?? null }
}

function placesOf(tasks: readonly Task[]): LanePlace[] {
  return [...new Map(tasks.map((task) => [JSON.stringify(placeOf(task)), placeOf(task)])).values()]
}

function isIn(place: LanePlace, task: Task): boolean {
  return JSON.stringify(placeOf(task)) === JSON.stringify(place)
}

function markIn(task: QueuedTask): LaneMark {
  const { front, createdAt, id } = task
  return { front, turnAt: turnAt(waitingOf(task)), createdAt, id }
}

function timeMark(task: QueuedTask, field: 'notBefore' | 'expiresAt'): TimeMark {
  return { at: task[field] ?? 0, id: task.id }
}

function inTime(tasks: readonly Task[], field: 'notBefore' | 'expiresAt'): string[] {
  const order = (a: Task, b: Task) => Number(a[field]) - Number(b[field]) || (a.id < b.id ? -1 : 1)
  return [...tasks].sort(order).map(({ id }) => id)
}
