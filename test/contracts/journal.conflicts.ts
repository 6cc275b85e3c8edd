import { describe, expect, test } from 'vitest'
import type { Child } from '../../src/journal/families.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { OnConflict } from '../../src/task/conflict.ts'
import type { Task, TaskEvent } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

/** What a new task does to those of its concurrency key. */
export function describeConflicts(subject: () => Subject): void {
  const onOrg = (onConflict?: OnConflict, own: Partial<Task> = {}): Task =>
    sampleTask({ concurrency: { key: 'org', limit: 1, ...(onConflict && { onConflict }) }, ...own })
  const add = async (task: Task) => {
    await subject().journal.add(task, sampleEvent())
    return task
  }
  const running = async (task = onOrg()) => {
    const { journal } = subject()
    await add(task)
    await journal.move(claimMove(task))
    await journal.move(runMove(task.id, 1))
    return task
  }
  const isCancelled = async (journal: Journal, { tenant, id }: Task) =>
    (await journal.task(tenant, id))?.cancelRequested

  describe('a task that is added where its key is full', () => {
    test('comes to be unless it wants to be rejected', async () => {
      const { journal } = subject()
      await add(onOrg())
      expect(await journal.add(onOrg('queue'), sampleEvent())).toEqual({ added: true })
      const rejected = onOrg('reject')
      expect(await journal.add(rejected, sampleEvent())).toEqual({ added: false, because: 'full' })
      expect(await journal.task('acme', rejected.id)).toBeUndefined()
    })

    test('is rejected as long as one runs or settles, and no longer', async () => {
      const { journal } = subject()
      const task = await running()
      expect(await journal.add(onOrg('reject'), sampleEvent())).toMatchObject({ because: 'full' })
      await journal.move(settlingMove(task.id, 1))
      expect(await journal.add(onOrg('reject'), sampleEvent())).toMatchObject({ because: 'full' })
      await journal.move(succeedMove(task.id, 1))
      expect(await journal.add(onOrg('reject'), sampleEvent())).toEqual({ added: true })
    })

    test('is rejected by its own limit, whatever others say', async () => {
      const { journal } = subject()
      const twoOf = (): Task => sampleTask({ concurrency: { key: 'org', limit: 2, onConflict: 'reject' } })
      const all = await Promise.all(Array.from({ length: 5 }, () => journal.add(twoOf(), sampleEvent())))
      expect(all.filter(({ added }) => added)).toHaveLength(2)
    })

    test('is one of however many come at once, also in one batch', async () => {
      const { journal } = subject()
      const apart = Array.from({ length: 20 }, () => journal.add(onOrg('reject'), sampleEvent()))
      const batch = journal.addAll(Array.from({ length: 20 }, () => ({ task: onOrg('reject'), queued: sampleEvent() })))
      const all = await Promise.all([...apart, ...batch])
      expect(all.filter(({ added }) => added)).toHaveLength(1)
    })

    test('has no part in what other tenants and other keys do', async () => {
      const { journal } = subject()
      await add(onOrg())
      expect(await journal.add(onOrg('reject', { tenant: 'globex' }), sampleEvent())).toEqual({ added: true })
      const other = sampleTask({ concurrency: { key: 'other', limit: 1, onConflict: 'reject' } })
      expect(await journal.add(other, sampleEvent())).toEqual({ added: true })
    })

    test('is found by its idempotency key before it could be rejected', async () => {
      const { journal } = subject()
      const once = { key: 'k', fingerprint: 'f', until: 9_999_999_999_999 }
      const first = onOrg('reject')
      await journal.add(first, sampleEvent(), once)
      expect(await journal.add(onOrg('reject'), sampleEvent(), once)).toMatchObject({ earlier: { id: first.id } })
    })

    test('is no child that is added either', async () => {
      const { journal } = subject()
      const parent = await running()
      const child: Child = { ...onOrg('reject', { depth: 1 }), parent: parent.id, childKey: 'a' }
      const added = await journal.families.add(child, sampleEvent(), { attempt: 1, isCleanup: false, most: 10 })
      expect(added).toEqual({ added: false, because: 'full' })
    })
  })

  describe('a task that supersedes others of its key', () => {
    test('has those end that wait, in its own commit, and says so in their logs', async () => {
      const { journal } = subject()
      const [waits, runs] = [await add(onOrg()), await running()]
      const published: TaskEvent[][] = []
      journal.onCommit((events) => published.push([...events]))
      const task = onOrg('cancel-queued')
      expect(await journal.add(task, sampleEvent())).toEqual({ added: true, superseded: [waits.id] })
      expect([await isCancelled(journal, waits), await isCancelled(journal, runs)]).toEqual([true, false])
      const reason = `task ${task.id} of the same concurrency key came after it`
      const cancelling = { task: waits.id, tenant: 'acme', seq: 2, type: 'task.cancelling', data: { reason } }
      expect(published).toMatchObject([[{ task: task.id, seq: 1 }, cancelling]])
      expect((await journal.events(waits.id, 1, 10)).events).toMatchObject([cancelling])
      expect(await isCancelled(journal, task)).toBe(false)
    })

    test('has those end as well that run, if it wants that', async () => {
      const { journal } = subject()
      const [waits, runs] = [await add(onOrg()), await running()]
      const added = await journal.add(onOrg('cancel-running'), sampleEvent())
      expect(added).toEqual({ added: true, superseded: [waits.id, runs.id] })
    })

    test('leaves alone who came later, has ended, is to end already, or cleans up', async () => {
      const { journal } = subject()
      const ended = await running()
      await journal.move(settlingMove(ended.id, 1))
      await journal.move(succeedMove(ended.id, 1))
      await add(onOrg(undefined, { cancelRequested: true }))
      await add(onOrg(undefined, { cleaning: 'failed' }))
      await add(onOrg(undefined, { tenant: 'globex' }))
      expect(await journal.add(onOrg('cancel-running'), sampleEvent())).toEqual({ added: true })
    })

    test('leaves its parent alone', async () => {
      const { journal } = subject()
      const parent = await running()
      const brother = await add(onOrg())
      const child: Child = { ...onOrg('cancel-running', { depth: 1 }), parent: parent.id, childKey: 'a' }
      const added = await journal.families.add(child, sampleEvent(), { attempt: 1, isCleanup: false, most: 10 })
      expect(added).toEqual({ added: true, superseded: [brother.id] })
    })

    test('is the last of however many come at once', async () => {
      const { journal } = subject()
      const tasks = Array.from({ length: 20 }, () => onOrg('cancel-queued'))
      await Promise.all(tasks.map((task) => journal.add(task, sampleEvent())))
      const left = await Promise.all(tasks.map(async (task) => !(await isCancelled(journal, task))))
      expect(left.filter(Boolean)).toHaveLength(1)
      expect(left.at(-1)).toBe(true)
    })

    test('is refused when that would be very many, and then changes nothing', async () => {
      const { journal } = subject()
      const many = Array.from({ length: 1_001 }, () => ({ task: onOrg(), queued: sampleEvent() }))
      await Promise.all(journal.addAll(many))
      expect(await journal.add(onOrg('cancel-queued'), sampleEvent())).toEqual({ added: false, because: 'too many' })
      expect(await isCancelled(journal, many[0]?.task as Task)).toBe(false)
    })
  })
}
