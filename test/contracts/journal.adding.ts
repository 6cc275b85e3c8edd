import { describe, expect, test } from 'vitest'
import type { Task } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { sampleEvent, sampleTask } from './samples.ts'

/** How tasks come into the journal, one by one and together. */
export function describeAdding(subject: () => Subject): void {
  describe('adding', () => {
    test('keeps a task and its first event as they came', async () => {
      const { journal } = subject()
      const task = sampleTask({
        input: { text: 'a\u0000b 🪰 \ud800', list: [1, null, { deep: true }], '': -0.5 },
        labels: { 'a.b"c$[0]': "it's", ['__proto__']: 'kept' },
        concurrency: { key: 'org', limit: 1 },
        secrets: { token: 'vault:deploy' },
        priority: -12.5,
        notBefore: 1_700_000_100_000,
        front: true,
      })
      await journal.add(task, sampleEvent('task.queued', 0, { kind: 'lint' }))
      expect(await journal.task('acme', task.id)).toEqual(task)
      expect(await journal.events(task.id, 0, 10)).toEqual({
        events: [{ ...sampleEvent('task.queued', 0, { kind: 'lint' }), task: task.id, tenant: 'acme', seq: 1 }],
        firstSeq: 1,
        lastSeq: 1,
      })
    })

    test('fails alone when the task is there already, and the others of the moment land', async () => {
      const { journal } = subject()
      const twice = sampleTask()
      await journal.add(twice, sampleEvent())
      const others = [sampleTask(), sampleTask()]
      const results = await Promise.allSettled([
        journal.add(others[0] as Task, sampleEvent()),
        journal.add(twice, sampleEvent()),
        journal.add(others[1] as Task, sampleEvent()),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      for (const { id } of [...others, twice]) expect((await journal.events(id, 0, 10)).lastSeq).toBe(1)
    })

    test('a thousand tasks that are added together are one commit, with others before and after them', async () => {
      const { journal } = subject()
      const commits: number[] = []
      journal.onCommit((events) => commits.push(events.length))
      const tasks = Array.from({ length: 1000 }, (_, index) => sampleTask({ input: 'x'.repeat(index % 2 ? 8000 : 1) }))
      const before = Array.from({ length: 500 }, () => journal.add(sampleTask(), sampleEvent()))
      const added = journal.addAll(tasks.map((task) => ({ task, queued: sampleEvent() })))
      const after = journal.add(sampleTask(), sampleEvent())
      expect(await Promise.all(added)).toEqual(tasks.map(() => ({ added: true })))
      await Promise.all([...before, after])
      expect(commits).toEqual([1500, 1])
    })

    test('of tasks that are added together, a bad one fails alone, and a key finds one of the same', async () => {
      const { journal } = subject()
      const [one, two, twice] = [sampleTask(), sampleTask(), sampleTask()]
      await journal.add(twice, sampleEvent())
      const once = { key: 'k', fingerprint: 'f', until: Number.MAX_SAFE_INTEGER }
      const additions = [{ task: one, once }, { task: twice }, { task: two, once }]
      const added = await Promise.allSettled(
        journal.addAll(additions.map((each) => ({ ...each, queued: sampleEvent() }))),
      )
      expect(added.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(added.at(-1)).toMatchObject({ value: { added: false, earlier: { id: one.id }, sameFingerprint: true } })
    })
  })
}
