import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Journal, Moved } from '../../src/journal/journal.ts'
import type { Clock } from '../../src/system/clock.ts'
import type { Task, TaskEvent } from '../../src/task/task.ts'
import { type StoppedClock, stoppedClock } from './clock.ts'
import { describeAccess } from './journal.access.ts'
import { describeAdding } from './journal.adding.ts'
import { describeConflicts } from './journal.conflicts.ts'
import { describeCounting } from './journal.counting.ts'
import { describeCues } from './journal.cues.ts'
import { describeFamilies } from './journal.families.ts'
import { describeFiles } from './journal.files.ts'
import { describeOnce } from './journal.once.ts'
import { describeHistories } from './journal.properties.ts'
import { describeJournalReads } from './journal.reads.ts'
import { describeRecords } from './journal.records.ts'
import { describeWaiting } from './journal.waiting.ts'
import { claimMove, queuedIn, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

/** A store of one journal: opening it again, after a close, finds what the one before left. */
export interface JournalStore {
  open(clock: Clock): Promise<Journal>
  remove(): Promise<void>
}

/** What every journal promises, whatever it is built on. */
export function describeJournal(name: string, makeStore: () => Promise<JournalStore>): void {
  describe(name, () => {
    let store: JournalStore
    let journal: Journal
    let time: StoppedClock
    const open = async () => (journal = await store.open(time.clock))

    beforeEach(async () => {
      store = await makeStore()
      time = stoppedClock()
      await open()
    })

    afterEach(async () => {
      await journal.close()
      await store.remove()
    })

    const added = async (own: Partial<Task> = {}) => {
      const task = sampleTask(own)
      await journal.add(task, sampleEvent())
      return task
    }
    const running = async () => {
      const task = await added()
      await journal.move(claimMove(task))
      await journal.move(runMove(task.id, 1))
      return task
    }

    describeAdding(() => ({ journal, reopen: open }))
    describeConflicts(() => ({ journal, reopen: open }))
    describeCues(() => ({ journal, reopen: open }))

    describe('moving', () => {
      test('changes what it names and numbers its events one after the other', async () => {
        const task = await running()
        const progress = { phase: 'scan', percent: 40 }
        const events = ['a', 'b', 'c'].map((text) => sampleEvent('task.log', 1, { text }))
        const moved = await journal.move({ task: task.id, from: ['running'], attempt: 1, change: { progress }, events })
        expect(moved).toEqual({ moved: true, lastSeq: 6 })
        expect(await journal.task('acme', task.id)).toMatchObject({ progress, state: 'running', lastSeq: 6 })
        const page = await journal.events(task.id, 3, 10)
        expect(page.events.map(({ seq, data }) => [seq, data])).toEqual([
          [4, { text: 'a' }],
          [5, { text: 'b' }],
          [6, { text: 'c' }],
        ])
      })

      test('that opens an attempt counts it and brings the whole task', async () => {
        const task = await added({ input: { deep: [1] } })
        const moved = await journal.move(claimMove(task, { change: { state: 'starting', isolation: 1, node: 'n1' } }))
        const expected = { ...task, state: 'starting', attempt: 1, isolation: 1, node: 'n1', lastSeq: 2 }
        expect(moved).toEqual({ moved: true, lastSeq: 2, task: expected })
        expect(await journal.task('acme', task.id)).toEqual(expected)
      })

      test('that opens an attempt of a task that is known brings it as if it had been read', async () => {
        const known = await added({ input: { deep: [1] } })
        const change = { state: 'starting', notBefore: null, isolation: 1, node: 'n1' } as const
        const moved = await journal.move(claimMove(known, { change, known }))
        expect(moved).toEqual({ moved: true, lastSeq: 2, task: await journal.task('acme', known.id) })
        expect(await journal.move(claimMove(known, { change, known }))).toEqual({ moved: false })
      })

      test('that ends an attempt records how it came out', async () => {
        const task = await running()
        await journal.move(settlingMove(task.id, 1))
        await journal.move(succeedMove(task.id, 1))
        expect(await journal.task('acme', task.id)).toMatchObject({ state: 'succeeded', result: { ok: true } })
        expect(await journal.attempts(task.id)).toEqual([
          {
            number: 1,
            worker: 'w-1',
            startedAt: 1_700_000_000_001,
            endedAt: 1_700_000_000_002,
            outcome: 'succeeded',
            error: null,
            usage: { wallSeconds: 1.5, cpuSeconds: 0.5, peakRssMiB: 64, writtenMiB: 2, outputMiB: 1, peakProcesses: 3 },
            isolation: 1,
            moduleHash: 'abc',
            waited: { dueAt: 1_700_000_000_000, rules: [{ rule: 'slots', seconds: 0.001 }] },
          },
        ])
      })

      test('may open and end an attempt at once, when no process could be started', async () => {
        const task = await added()
        const { closes } = succeedMove(task.id, 1, {
          closes: {
            outcome: 'not_started',
            error: { code: 'NOT_STARTED', message: 'No.', retryable: true },
            usage: { wallSeconds: 0, cpuSeconds: 0, peakRssMiB: 0, writtenMiB: 2, outputMiB: 1, peakProcesses: 3 },
            at: 5,
          },
        })
        const opens = { worker: 'w', isolation: 0, process: null, moduleHash: null, at: 4 }
        const moved = await journal.move(claimMove(task, { opens, ...(closes ? { closes } : {}) }))
        expect(moved).toMatchObject({ moved: true, task: { attempt: 1 } })
        expect(await journal.attempts(task.id)).toMatchObject([{ number: 1, endedAt: 5, outcome: 'not_started' }])
      })

      test('changes nothing behind a broken fence', async () => {
        const task = await running()
        const before = [await journal.task('acme', task.id), await journal.events(task.id, 0, 10)]
        const moves = [
          runMove(task.id, 0, { from: ['running'], change: { progress: null } }),
          runMove(task.id, 2, { from: ['running'], change: { progress: null } }),
          runMove(task.id, 1, { from: ['settling'], change: { progress: null } }),
          runMove(task.id, 1, { from: [] }),
          runMove('nobody', 1),
          claimMove({ id: task.id, attempt: 0 }),
        ]
        for (const move of moves) expect(await journal.move(move)).toEqual({ moved: false } satisfies Moved)
        expect([await journal.task('acme', task.id), await journal.events(task.id, 0, 10)]).toEqual(before)
        expect(await journal.attempts(task.id)).toHaveLength(1)
      })

      test('never leaves a final state, nor takes a way that there is not', async () => {
        const task = await running()
        const shortcut = await journal.move({ ...succeedMove(task.id, 1), from: ['running'] })
        expect(shortcut).toEqual({ moved: false })
        await journal.move(settlingMove(task.id, 1))
        await journal.move(succeedMove(task.id, 1))
        const back = {
          task: task.id,
          from: ['succeeded'],
          attempt: 1,
          change: { state: 'queued' },
          events: [],
        } as const
        expect(await journal.move(back)).toEqual({ moved: false })
        expect(await journal.task('acme', task.id)).toMatchObject({ state: 'succeeded' })
      })

      test('to starting without an attempt is a mistake', async () => {
        const { opens: _, ...claim } = claimMove(await added())
        await expect(journal.move(claim)).rejects.toThrow('must open an attempt')
      })
    })

    describe('publishing', () => {
      test('comes once for each event, in the order of the commits, before the write is answered', async () => {
        const seen: TaskEvent[] = []
        journal.onCommit((events) => seen.push(...events))
        const publishedBefore: boolean[] = []
        const tasks = Array.from({ length: 20 }, () => sampleTask())
        await Promise.all(
          tasks.map(async (task) => {
            await journal.add(task, sampleEvent())
            publishedBefore.push(seen.some((event) => event.task === task.id && event.seq === 1))
            await journal.move(claimMove(task))
            publishedBefore.push(seen.some((event) => event.task === task.id && event.seq === 2))
          }),
        )
        expect(publishedBefore).toEqual(Array(40).fill(true))
        for (const { id } of tasks) {
          const { events } = await journal.events(id, 0, 10)
          expect(seen.filter((event) => event.task === id)).toEqual(events)
        }
        expect(seen).toHaveLength(40)
      })

      test('goes on when a listener fails', async () => {
        const seen: TaskEvent[] = []
        journal.onCommit(() => {
          throw new Error('a listener that fails')
        })
        journal.onCommit((events) => seen.push(...events))
        await added()
        expect(seen).toHaveLength(1)
      })
    })

    describe('waiting for the disk', () => {
      test('shows as a backlog that is gone when everything has landed', async () => {
        expect(journal.backlogBytes()).toBe(0)
        const adding = journal.add(sampleTask({ input: 'x'.repeat(10_000) }), sampleEvent())
        expect(journal.backlogBytes()).toBeGreaterThan(10_000)
        await adding
        expect(journal.backlogBytes()).toBe(0)
        await journal.belowBacklogLimit()
      })

      test('keeps who feeds it waiting while there is too much', async () => {
        const adding = Array.from({ length: 3 }, () =>
          journal.add(sampleTask({ input: 'x'.repeat(4 * 1024 * 1024) }), sampleEvent()),
        )
        await journal.belowBacklogLimit()
        expect(journal.backlogBytes()).toBeLessThan(8 * 1024 * 1024)
        await Promise.all(adding)
      })
    })

    describe('closing', () => {
      test('writes what is under way, then refuses, and may be asked twice', async () => {
        const tasks = Array.from({ length: 50 }, () => sampleTask())
        const adding = Promise.all(tasks.map((task) => journal.add(task, sampleEvent())))
        await Promise.all([journal.close(), journal.close(), adding])
        await expect(journal.add(sampleTask(), sampleEvent())).rejects.toMatchObject({ code: 'STOPPING' })
        await expect(journal.task('acme', 'x')).rejects.toMatchObject({ code: 'STOPPING' })
        expect(await queuedIn(await open())).toHaveLength(50)
      })
    })

    describeOnce(() => ({ journal, time, reopen: open }))
    describeJournalReads(() => ({ journal, reopen: open }))
    describeFiles(() => ({ journal, reopen: open }))
    describeFamilies(() => ({ journal, reopen: open }))
    describeRecords(() => ({ journal, reopen: open }))
    describe('access', () => describeAccess(() => ({ journal, reopen: open })))
    describe('what waits', () => describeWaiting(() => journal))
    describeCounting(() => journal)
    describeHistories(() => journal)
  })
}
