import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import type { LaneMark, LaneStretch } from '../../src/journal/waiting.ts'
import { inOrder, markOf } from '../../src/schedule/order.ts'
import { waitingOf } from '../../src/schedule/waiting.ts'
import type { Task } from '../../src/task/task.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const now = 1_700_000_000_000
const everything: LaneMark = { front: true, turnAt: Number.MIN_SAFE_INTEGER, createdAt: 0, id: '' }

/** What explanations ask of the journal: how many wait before a task, and how long others took. */
export function describeCounting(subject: () => Journal): void {
  const add = async (...tasks: readonly Task[]) => {
    for (const task of tasks) await subject().add(task, sampleEvent())
  }

  describe('counting what waits between two places', () => {
    let runs = 0
    const some = fc.record({
      priority: fc.integer({ min: -2, max: 2 }),
      front: fc.boolean(),
      createdAt: fc.integer({ min: -3, max: 0 }).map((seconds) => now + seconds * 1000),
      notBefore: fc.option(
        fc.integer({ min: -3, max: 3 }).map((seconds) => now + seconds * 1000),
        { nil: null },
      ),
      kind: fc.constantFrom('lint', 'exec'),
    })

    test('finds as many as are due and stand there, but for those that are named', async () => {
      const property = fc.asyncProperty(
        fc.array(some, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        async (all, which) => {
          runs += 1
          const tenant = `counted-${runs}`
          const tasks = all.map((own) => sampleTask({ ...own, tenant }))
          await add(...tasks)
          const before = waitingOf(tasks[which % tasks.length] as Task)
          const due = tasks.map((task) => waitingOf(task)).filter(({ notBefore }) => (notBefore ?? 0) <= now)
          const ahead = due.filter((task) => task.kind === 'lint' && inOrder(task, before) < 0).sort(inOrder)
          const without = ahead.slice(0, 1).map(({ id }) => id)
          const lane = { tenant, pool: 'normal', kind: 'lint', key: null } as const
          const stretch: LaneStretch = { lane, after: everything, before: markOf(before), without }
          const { waiting } = subject()
          expect(await waiting.between([stretch], now, 100)).toEqual([ahead.length - without.length])
          const fromFirst = { ...stretch, without: [], after: ahead[0] ? markOf(ahead[0]) : everything }
          expect(await waiting.between([fromFirst], now, 100)).toEqual([Math.max(0, ahead.length - 1)])
        },
      )
      await fc.assert(property, { numRuns: 30 })
    })

    test('stops at so many, over all stretches', async () => {
      const tasks = Array.from({ length: 5 }, (_, at) => sampleTask({ tenant: 'many', createdAt: now - 10 + at }))
      await add(...tasks)
      const lane = { tenant: 'many', pool: 'normal', kind: 'lint', key: null } as const
      const before = markOf(waitingOf(sampleTask({ createdAt: now })))
      const stretch = { lane, after: everything, before, without: [] }
      const { waiting } = subject()
      expect(await waiting.between([stretch, stretch, stretch], now, 7)).toEqual([5, 2, 0])
      expect(await waiting.between([], now, 7)).toEqual([])
    })
  })

  test('attempts that succeeded tell how long they took, the newest tasks last, and no more than asked for', async () => {
    const journal = subject()
    const succeed = async (kind: string) => {
      const task = sampleTask({ kind })
      await add(task)
      await journal.move(claimMove(task))
      await journal.move(runMove(task.id, 1))
      await journal.move(settlingMove(task.id, 1))
      await journal.move(succeedMove(task.id, 1))
    }
    await succeed('lint')
    await succeed('exec')
    const open = sampleTask({ kind: 'open' })
    await add(open)
    await journal.move(claimMove(open))
    const took = await journal.waiting.took(100)
    expect(took.map(({ kind }) => kind)).toEqual(['lint', 'exec'])
    for (const { seconds } of took) expect(seconds).toBeGreaterThanOrEqual(0)
    expect((await journal.waiting.took(2)).map(({ kind }) => kind)).toEqual(['exec'])
  })
}
