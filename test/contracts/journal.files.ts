import { describe, expect, test } from 'vitest'
import type { Upload } from '../../src/journal/uploads.ts'
import { newTaskId } from '../../src/system/ids.ts'
import { Refusal } from '../../src/task/errors.ts'
import type { Task } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const room = { bytes: 1_000, count: 10 }
const now = Date.now()

/** What the journal knows of uploads, and how it forgets. */
export function describeFiles(subject: () => Subject): void {
  const upload = (own: Partial<Upload> = {}): Upload => ({
    id: newTaskId(),
    tenant: 'acme',
    bytes: 100,
    sha256: 'ab',
    at: now,
    ...own,
  })

  const addTask = async (own: Partial<Task> = {}, uses: readonly string[] = [], key?: string) => {
    const task = sampleTask({ createdAt: now, ...own })
    const once = key === undefined ? undefined : { key, fingerprint: 'f', until: now + 1_000 }
    await subject().journal.add(task, sampleEvent(), once, uses)
    return task
  }

  const settle = async ({ id }: Task, settledAt = now, logs = 0) => {
    const { journal } = subject()
    await journal.move(claimMove({ id, attempt: 0 }))
    await journal.move(runMove(id, 1, { events: Array.from({ length: logs + 1 }, () => sampleEvent('task.log', 1)) }))
    await journal.move(settlingMove(id, 1))
    const artifact = { name: 'a', bytes: 1, sha256: 'x', contentType: 'text/plain', file: 'f', at: now }
    const change = { state: 'succeeded', outcome: 'succeeded', settledAt } as const
    await journal.move(succeedMove(id, 1, { change, artifacts: [artifact] }))
  }

  describe('uploads', () => {
    test('are counted, known, and still there after a start', async () => {
      const { uploads } = subject().journal
      const [one, two] = [upload(), upload({ bytes: 50 })]
      expect(await uploads.add(one, room)).toBe(true)
      expect(await uploads.add(two, room)).toBe(true)
      expect(await uploads.stored('acme')).toEqual({ count: 2, bytes: 150 })
      expect(await uploads.stored('globex')).toEqual({ count: 0, bytes: 0 })
      await subject().journal.close()
      const journal = await subject().reopen()
      expect(await journal.uploads.known([one.id, 'x', two.id])).toEqual([one.id, two.id].sort())
    })

    test('never take more than the tenant’s room, however many come at once', async () => {
      const { uploads } = subject().journal
      const all = await Promise.all(Array.from({ length: 20 }, () => uploads.add(upload({ bytes: 300 }), room)))
      expect(all.filter(Boolean)).toHaveLength(3)
      const few = await Promise.all(
        Array.from({ length: 20 }, () => uploads.add(upload({ bytes: 1, tenant: 'globex' }), room)),
      )
      expect(few.filter(Boolean)).toHaveLength(10)
    })

    test('that a tenant does not have keep its task out', async () => {
      const { uploads } = subject().journal
      const foreign = upload({ tenant: 'globex' })
      await uploads.add(foreign, room)
      for (const id of [foreign.id, newTaskId(), '']) {
        const refused = await addTask({}, [id]).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(Refusal)
        expect(refused).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('no upload') })
      }
      expect((await subject().journal.tasks({ tenant: 'acme', limit: 10 })).tasks).toEqual([])
    })

    test('go when they are old, but not before the last task that uses them has ended', async () => {
      const { uploads } = subject().journal
      const [used, unused, young] = [upload({ at: 1 }), upload({ at: 2 }), upload()]
      for (const one of [used, unused, young]) await uploads.add(one, room)
      const [first, second] = [await addTask({}, [used.id, used.id]), await addTask({}, [used.id])]
      expect(await uploads.prune(now, 10)).toEqual([{ id: unused.id, tenant: 'acme' }])
      await settle(first)
      expect(await uploads.prune(now, 10)).toEqual([])
      await settle(second)
      expect(await uploads.prune(now, 10)).toEqual([{ id: used.id, tenant: 'acme' }])
      expect(await uploads.known([used.id, young.id])).toEqual([young.id])
    })
  })

  const addChild = async ({ id }: Task, uses: readonly string[] = []) => {
    const child = { ...sampleTask({ createdAt: now }), parent: id, childKey: newTaskId(), depth: 1 }
    await subject().journal.families.add(child, sampleEvent(), { attempt: 1, isCleanup: false, most: 10 }, uses)
    return child
  }

  describe('children', () => {
    test('use uploads as all tasks do', async () => {
      const { journal } = subject()
      const [used, parent] = [upload({ at: 1 }), await addTask()]
      await journal.uploads.add(used, room)
      await journal.move(claimMove(parent))
      await expect(addChild(parent, [newTaskId()])).rejects.toThrow('there is no upload')
      await addChild(parent, [used.id])
      expect(await journal.uploads.prune(now, 10)).toEqual([])
    })
  })

  describe('the past', () => {
    const retained = { settledBefore: now + 1_000, tasksPerTenant: 100, now: now + 2_000 }
    const forgetAll = async (own: Partial<typeof retained> = {}) => {
      const { retention } = subject().journal
      const gone: string[] = []
      for (;;) {
        const numbers = await retention.candidates({ ...retained, ...own }, 10)
        if (numbers.length === 0) return gone
        gone.push(...(await retention.forget(numbers, 100)))
      }
    }

    test('is forgotten with all that belongs to it, and nothing that has not ended', async () => {
      const { journal } = subject()
      const [old, open, waiting] = [await addTask(), await addTask(), await addTask()]
      await settle(old)
      await journal.move(claimMove(open))
      expect(await forgetAll({ settledBefore: Date.now() + 10_000, tasksPerTenant: 0 })).toEqual([old.id])
      expect(await journal.task('acme', old.id)).toBeUndefined()
      expect(await journal.events(old.id, 0, 10)).toEqual({ events: [], firstSeq: 0, lastSeq: 0 })
      expect(await journal.attempts(old.id)).toEqual([])
      expect(await journal.artifacts(old.id)).toEqual([])
      const states = await journal.retention.states([old.id, open.id, waiting.id, 'x'])
      expect(states).toEqual(new Map([open.id, waiting.id].map((id) => [id, 'open'])))
    })

    test('goes by its age', async () => {
      const [old, young] = [await addTask(), await addTask()]
      await settle(old, now - 5_000)
      await settle(young, Date.now() + 3_600_000)
      // Ids are younger than that: nothing can have settled before it was made.
      expect(await forgetAll({ settledBefore: now - 60_000 })).toEqual([])
      expect(await forgetAll({ settledBefore: Date.now() + 1_000 })).toEqual([old.id])
    })

    test('goes by its number, tenant by tenant, the oldest first', async () => {
      const tasks: Task[] = []
      for (let i = 0; i < 5; i++) tasks.push(await addTask())
      const other = await addTask({ tenant: 'globex' })
      for (const task of [...tasks, other]) await settle(task)
      const gone = await forgetAll({ settledBefore: 0, tasksPerTenant: 2 })
      expect(gone.sort()).toEqual(tasks.slice(0, 3).map(({ id }) => id))
    })

    test('stays as long as its idempotency key does', async () => {
      const { journal } = subject()
      const task = await addTask({}, [], 'once')
      await settle(task)
      const all = { settledBefore: Date.now() + 10_000, tasksPerTenant: 0 }
      expect(await forgetAll({ ...all, now })).toEqual([])
      expect(await forgetAll(all)).toEqual([task.id])
      const again = await journal.add(sampleTask(), sampleEvent(), { key: 'once', fingerprint: 'f', until: now + 9e9 })
      expect(again).toEqual({ added: true })
    })

    test('keeps children until their parent has ended: it may ask what came of them', async () => {
      const { journal } = subject()
      const all = { settledBefore: Date.now() + 60_000, tasksPerTenant: 0 }
      const parent = await addTask()
      await journal.move(claimMove(parent))
      const child = await addChild(parent)
      await settle(child)
      expect(await forgetAll(all)).toEqual([])
      await journal.move(runMove(parent.id, 1))
      await journal.move(settlingMove(parent.id, 1))
      await journal.move(succeedMove(parent.id, 1, { change: { state: 'succeeded', settledAt: now } }))
      expect((await forgetAll(all)).sort()).toEqual([parent.id, child.id].sort())
    })

    test('of a long task goes from its beginning, in several steps', async () => {
      const { journal } = subject()
      const task = await addTask()
      await settle(task, now, 250)
      const numbers = await journal.retention.candidates({ ...retained, settledBefore: Date.now() + 10_000 }, 10)
      expect(await journal.retention.forget(numbers, 100)).toEqual([])
      const page = await journal.events(task.id, 0, 1)
      expect(page.firstSeq).toBe(101)
      expect(page.events[0]?.seq).toBe(101)
      expect(await journal.task('acme', task.id)).toBeDefined()
      expect(await journal.retention.forget(numbers, 100)).toEqual([])
      expect(await journal.retention.forget(numbers, 100)).toEqual([task.id])
    })
  })
}
