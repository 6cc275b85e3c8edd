import { describe, expect, test } from 'vitest'
import { QUEUED_FIELDS, type QueuedTask } from '../../src/journal/journal.ts'
import type { Task } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, queuedIn, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const mebibyte = 1024 * 1024

function asQueued(task: Task): QueuedTask {
  return Object.fromEntries(QUEUED_FIELDS.map((name) => [name, task[name]])) as unknown as QueuedTask
}

/** The reading half of the contract. */
export function describeJournalReads(subject: () => Subject): void {
  const add = async (...tasks: readonly Task[]) => {
    for (const task of tasks) await subject().journal.add(task, sampleEvent())
  }
  const start = async (task: Task) => {
    await add(task)
    await subject().journal.move(claimMove(task))
    await subject().journal.move(runMove(task.id, 1))
  }

  describe('reading one task', () => {
    test('shows it to its tenant only', async () => {
      const task = sampleTask()
      await add(task)
      expect(await subject().journal.task('acme', task.id)).toEqual(task)
      expect(await subject().journal.task('globex', task.id)).toBeUndefined()
      expect(await subject().journal.task('acme', 'nobody')).toBeUndefined()
    })

    test('pages through its events and tells how far they reach', async () => {
      const task = sampleTask()
      await start(task)
      const { journal } = subject()
      const seqs = async (after: number, limit: number) => {
        const { events, firstSeq, lastSeq } = await journal.events(task.id, after, limit)
        return [events.map(({ seq }) => seq), firstSeq, lastSeq]
      }
      expect(await seqs(0, 2)).toEqual([[1, 2], 1, 3])
      expect(await seqs(2, 2)).toEqual([[3], 1, 3])
      expect(await seqs(3, 2)).toEqual([[], 1, 3])
      expect(await journal.events('nobody', 0, 2)).toEqual({ events: [], firstSeq: 0, lastSeq: 0 })
    })

    test('ends a page of events where it becomes large, after one at least', async () => {
      const task = sampleTask()
      await start(task)
      const { journal } = subject()
      // Two bytes on disk for each letter.
      const texts = [3, 0.2, 0.2, 0.2].map((mebibytes) => 'ä'.repeat(mebibytes * mebibyte))
      const events = texts.map((text) => sampleEvent('task.log', 1, { text }))
      await journal.move({ task: task.id, from: ['running'], attempt: 1, change: {}, events })
      const pages: number[] = []
      for (let after = 0; after < 7; ) {
        const page = await journal.events(task.id, after, 100)
        expect(page).toMatchObject({ firstSeq: 1, lastSeq: 7 })
        pages.push(page.events.length)
        after = page.events.at(-1)?.seq ?? Number.POSITIVE_INFINITY
      }
      expect(pages).toEqual([3, 1, 2, 1])
    })
  })

  describe('listing', () => {
    test('brings the newest of a tenant first, page by page', async () => {
      const tasks = Array.from({ length: 5 }, () => sampleTask())
      await add(...tasks, sampleTask({ tenant: 'globex' }))
      const ids = tasks.map(({ id }) => id).reverse()
      const { journal } = subject()
      const first = await journal.tasks({ tenant: 'acme', limit: 3 })
      expect([first.tasks.map(({ id }) => id), first.more]).toEqual([ids.slice(0, 3), true])
      const before = ids[2] as string
      const second = await journal.tasks({ tenant: 'acme', limit: 3, before })
      expect([second.tasks.map(({ id }) => id), second.more]).toEqual([ids.slice(3), false])
      expect(await journal.tasks({ tenant: 'acme', limit: 5 })).toMatchObject({ more: false })
    })

    test('ends a page where it becomes large, after one task at least, and tells that there are more', async () => {
      const sizes = [6, 1, 2, 1.5, 0.1]
      const tasks = sizes.map((mebibytes) => sampleTask({ input: 'x'.repeat(mebibytes * mebibyte) }))
      await add(...tasks)
      const { journal } = subject()
      const pages: number[] = []
      for (let before: string | undefined; ; ) {
        const { tasks: found, more } = await journal.tasks({ tenant: 'acme', limit: 100, ...(before && { before }) })
        pages.push(found.length)
        before = found.at(-1)?.id
        if (!more) break
      }
      expect(pages).toEqual([3, 1, 1])
    })

    test('filters by state, kind, pool and label, alone and together', async () => {
      const lint = sampleTask({ labels: { 'a."b': 'x', branch: 'main' } })
      const backup = sampleTask({ kind: 'org.backup', pool: 'batch', labels: { branch: 'main' } })
      await start(lint)
      await add(backup)
      const found = async (filter: object) =>
        (await subject().journal.tasks({ tenant: 'acme', limit: 9, ...filter })).tasks.map(({ kind }) => kind)
      expect(await found({ state: 'running' })).toEqual(['lint'])
      expect(await found({ kind: 'org.backup' })).toEqual(['org.backup'])
      expect(await found({ pool: 'batch' })).toEqual(['org.backup'])
      expect(await found({ label: { name: 'branch', value: 'main' } })).toEqual(['org.backup', 'lint'])
      expect(await found({ label: { name: 'a."b', value: 'x' } })).toEqual(['lint'])
      expect(await found({ label: { name: 'branch', value: 'x' } })).toEqual([])
      expect(await found({ state: 'queued', pool: 'normal' })).toEqual([])
    })
  })

  describe('what a boot finds', () => {
    test('is every queued task, of all tenants, without what may be large', async () => {
      const [one, two, other] = [sampleTask({ input: 'x' }), sampleTask({ tenant: 'globex' }), sampleTask()]
      await add(one, two)
      await start(other)
      const { journal, reopen } = subject()
      await journal.close()
      const queued = await queuedIn(await reopen())
      expect(new Set(queued)).toEqual(new Set([one, two].map(asQueued)))
    })

    test('is each queued task once, however many there are', async () => {
      const tasks = Array.from({ length: 2500 }, (_, i) => sampleTask({ tenant: i % 3 ? 'acme' : 'globex' }))
      const { journal } = subject()
      await Promise.all(tasks.map((task) => journal.add(task, sampleEvent())))
      expect((await queuedIn(journal)).map(({ id }) => id).sort()).toEqual(tasks.map(({ id }) => id).sort())
    })

    test('is who was running what, until that attempt has ended', async () => {
      const [lost, done] = [sampleTask(), sampleTask()]
      await start(lost)
      await start(done)
      const { journal, reopen } = subject()
      await journal.move(settlingMove(done.id, 1))
      await journal.move(succeedMove(done.id, 1))
      await journal.close()
      expect(await (await reopen()).open()).toEqual([
        {
          task: { ...lost, state: 'running', attempt: 1, lastSeq: 3 },
          worker: 'w-1',
          process: { pid: 4711, startTicks: 99, bootId: 'b-1' },
          checkpointed: false,
          stopping: false,
        },
      ])
    })

    test('tells whether this very attempt saved a checkpoint', async () => {
      const task = sampleTask()
      await start(task)
      const { journal } = subject()
      const saved = sampleEvent('task.checkpoint', 1)
      const change = { checkpoint: { page: 3 } }
      await journal.move({ task: task.id, from: ['running'], attempt: 1, change, events: [saved] })
      expect(await journal.open()).toMatchObject([{ checkpointed: true, task: { checkpoint: { page: 3 } } }])
      await journal.move(settlingMove(task.id, 1))
      const again = { change: { state: 'queued' }, events: [sampleEvent('task.requeued', 1)] } as const
      await journal.move(succeedMove(task.id, 1, again))
      await journal.move(claimMove({ id: task.id, attempt: 1 }))
      expect(await journal.open()).toMatchObject([{ worker: 'w-2', checkpointed: false }])
    })

    test('tells whether a graceful stop had begun, of the boot that opened the attempt', async () => {
      const before = sampleTask()
      await start(before)
      const { journal, reopen } = subject()
      await journal.stopping()
      await journal.close()
      await reopen()
      const after = sampleTask()
      await start(after)
      const open = await subject().journal.open()
      expect(new Map(open.map(({ task, stopping }) => [task.id, stopping]))).toEqual(
        new Map([
          [before.id, true],
          [after.id, false],
        ]),
      )
    })
  })
}
