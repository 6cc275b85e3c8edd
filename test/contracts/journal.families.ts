import { describe, expect, test } from 'vitest'
import type { Child } from '../../src/journal/families.ts'
import type { Task, TaskEvent } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

/** What the journal knows of tasks and the tasks that they submit. */
export function describeFamilies(subject: () => Subject): void {
  const childOf = (parent: string, childKey: string, own: Partial<Task> = {}): Child => ({
    ...sampleTask({ depth: 1, ...own }),
    parent,
    childKey,
  })
  const running = async () => {
    const task = sampleTask()
    const { journal } = subject()
    await journal.add(task, sampleEvent())
    await journal.move(claimMove(task))
    await journal.move(runMove(task.id, 1))
    return task
  }
  const add = (child: Child, attempt = 1, most = 10, isCleanup = false) =>
    subject().journal.families.add(child, sampleEvent(), { attempt, isCleanup, most })
  const unsettledIds = async (parent: string) =>
    (await subject().journal.families.unsettled(parent)).map(({ id }) => id)

  describe('a child', () => {
    test('is a task with its first event, which is published', async () => {
      const published: TaskEvent[] = []
      subject().journal.onCommit((events) => published.push(...events))
      const child = childOf((await running()).id, 'a')
      published.length = 0
      expect(await add(child)).toEqual({ added: true })
      expect(await subject().journal.task(child.tenant, child.id)).toEqual(child)
      expect(published).toMatchObject([{ task: child.id, seq: 1, type: 'task.queued' }])
    })

    test('is found by its key, of its parent only', async () => {
      const parent = await running()
      const child = childOf(parent.id, 'a')
      await add(child)
      const { families } = subject().journal
      expect(await families.find(parent.id, 'a')).toBe(child.id)
      expect(await families.find(parent.id, 'b')).toBeUndefined()
      expect(await families.find(child.id, 'a')).toBeUndefined()
    })

    test('is the same for the same key, whoever asks first, also after a start', async () => {
      const parent = await running()
      const all = Array.from({ length: 8 }, () => childOf(parent.id, 'a'))
      const results = await Promise.all(all.map((child) => add(child)))
      const first = all[results.findIndex(({ added }) => added)] as Child
      expect(results.filter(({ added }) => added)).toHaveLength(1)
      await subject().journal.close()
      await subject().reopen()
      expect(await add(childOf(parent.id, 'a'))).toEqual({ added: false, earlier: first })
      expect(await add(childOf(parent.id, 'b'))).toEqual({ added: true })
    })

    test('is only added to a parent in that attempt that is wanted and has room', async () => {
      const { journal } = subject()
      const parent = await running()
      const stale = { added: false, because: 'stale' }
      expect(await add(childOf(parent.id, 'a'), 0)).toEqual(stale)
      expect(await add(childOf(parent.id, 'a'), 2)).toEqual(stale)
      expect(await add(childOf(sampleTask().id, 'a'))).toEqual(stale)
      expect(await add(childOf(parent.id, 'a'), 1, 1)).toEqual({ added: true })
      expect(await add(childOf(parent.id, 'b'), 1, 1)).toEqual({ added: false, because: 'too many children' })
      const wish = {
        task: parent.id,
        from: ['running'],
        attempt: 1,
        change: { cancelRequested: true },
        events: [],
      } as const
      await journal.move(wish)
      expect(await add(childOf(parent.id, 'c'))).toEqual(stale)
      expect(await journal.families.unsettled(parent.id)).toHaveLength(1)
    })

    test('is added by the cleanup of a parent that is to end, and by nothing else of it', async () => {
      const { journal } = subject()
      const parent = await running()
      const stale = { added: false, because: 'stale' }
      expect(await add(childOf(parent.id, 'a'), 1, 10, true)).toEqual(stale)
      const change = { cancelRequested: true, cleaning: 'cancelled' } as const
      await journal.move({ task: parent.id, from: ['running'], attempt: 1, change, events: [] })
      expect(await add(childOf(parent.id, 'a'))).toEqual(stale)
      expect(await add(childOf(parent.id, 'a'), 1, 10, true)).toEqual({ added: true })
    })

    test('is unsettled until its end, and seen with what came of it', async () => {
      const { journal } = subject()
      const parent = await running()
      const [a, b] = [childOf(parent.id, 'a'), childOf(parent.id, 'b')]
      await Promise.all([add(b), add(a)])
      expect(await journal.families.unsettled(parent.id)).toEqual([a, b].map(({ id, kind }) => ({ id, kind })))
      await journal.move(claimMove(a))
      await journal.move(settlingMove(a.id, 1))
      expect(await unsettledIds(parent.id)).toEqual([a.id, b.id])
      await journal.move(succeedMove(a.id, 1))
      expect(await unsettledIds(parent.id)).toEqual([b.id])
      const seenA = { key: 'a', id: a.id, state: 'succeeded', result: { ok: true }, error: null }
      const seenB = { key: 'b', id: b.id, state: 'queued', result: null, error: null }
      expect(await journal.families.page(parent.id, '')).toEqual({ children: [seenA, seenB], more: false })
      expect(await journal.families.page(parent.id, 'a')).toEqual({ children: [seenB], more: false })
      expect(await journal.families.page(sampleTask().id, '')).toEqual({ children: [], more: false })
    })

    test('with a large result makes a page of its own', async () => {
      const { journal } = subject()
      const parent = await running()
      const large = 'x'.repeat(1_500_000)
      const all = ['a', 'b', 'c'].map((key) => childOf(parent.id, key, { result: large }))
      await Promise.all(all.map((child) => add(child)))
      const keys: string[] = []
      for (let more = true; more; ) {
        const page = await journal.families.page(parent.id, keys.at(-1) ?? '')
        expect(page.children).toHaveLength(1)
        keys.push(...page.children.map(({ key }) => key))
        more = page.more
      }
      expect(keys).toEqual(['a', 'b', 'c'])
    })

    test('is unwanted from the wish to cancel its parent on, until it has settled', async () => {
      const { journal } = subject()
      const [parent, other] = [await running(), await running()]
      const children = [childOf(parent.id, 'a'), childOf(parent.id, 'b')] as const
      await Promise.all([...children, childOf(other.id, 'a')].map((child) => add(child)))
      expect(await journal.families.unwanted()).toEqual([])
      const wish = {
        task: parent.id,
        from: ['running'],
        attempt: 1,
        change: { cancelRequested: true },
        events: [],
      } as const
      await journal.move(wish)
      const unwanted = async () => (await journal.families.unwanted()).map(({ id }) => id).sort()
      expect(await unwanted()).toEqual(children.map(({ id }) => id).sort())
      const end = {
        task: children[0].id,
        from: ['queued'],
        attempt: 0,
        change: { state: 'cancelled' },
        events: [],
      } as const
      await journal.move(end)
      expect(await unwanted()).toEqual([children[1].id])
    })
  })
}
