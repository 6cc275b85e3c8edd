import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Added, Once } from '../../src/journal/additions.ts'
import type { Task, TaskEvent } from '../../src/task/task.ts'
import type { StoppedClock } from './clock.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, sampleEvent, sampleTask } from './samples.ts'

interface TimedSubject extends Subject {
  readonly time: StoppedClock
}

const day = 86_400_000
/** More than a journal puts into one commit. */
const manyAtOnce = 1_500
const histories = 60

const anyWave = fc.record({
  passesMs: fc.oneof(fc.constant(0), fc.nat({ max: 3 })),
  additions: fc.array(
    fc.record({
      tenant: fc.constantFrom('a', 'b'),
      key: fc.constantFrom('k', 'l'),
      fingerprint: fc.constantFrom('f', 'g'),
      lastsMs: fc.integer({ min: 1, max: 4 }),
    }),
    { maxLength: 6 },
  ),
})

type Addition = (typeof anyWave extends fc.Arbitrary<infer W> ? W : never)['additions'][number]

/** Adding with a key: one task, however often and from wherever it is asked for. */
export function describeOnce(subject: () => TimedSubject): void {
  const inADay = () => subject().time.clock.now() + day
  const add = (own: Partial<Task> = {}, once: Partial<Once> = {}) =>
    subject().journal.add(sampleTask(own), sampleEvent(), { key: 'k', fingerprint: 'f', until: inADay(), ...once })
  const tasks = async (tenant = 'acme') => (await subject().journal.tasks({ tenant, limit: 2 * manyAtOnce })).tasks

  describe('adding once', () => {
    test('answers a second time with the task as it is now, and changes nothing', async () => {
      const task = sampleTask({ input: { deep: [1] } })
      expect(await add(task)).toEqual({ added: true })
      const claimed = await subject().journal.move(claimMove(task))
      const published: TaskEvent[] = []
      subject().journal.onCommit((events) => published.push(...events))
      const now = { ...task, state: 'starting', attempt: 1, lastSeq: 2 }
      expect(claimed).toMatchObject({ task: now })
      expect(await add()).toEqual({ added: false, earlier: now, sameFingerprint: true })
      expect([await tasks(), published]).toEqual([[now], []])
    })

    test('tells when something else was asked for with the same key', async () => {
      const task = sampleTask()
      await add(task)
      expect(await add({}, { fingerprint: 'g' })).toEqual({ added: false, earlier: task, sameFingerprint: false })
      expect(await add()).toMatchObject({ sameFingerprint: true })
      expect(await tasks()).toEqual([task])
    })

    test('finds the task of a key without adding one, and whether it asked for the same', async () => {
      const task = sampleTask()
      const once = { key: 'k', fingerprint: 'f', until: inADay() }
      const find = (tenant = 'acme', own: Partial<Once> = {}) => subject().journal.earlier(tenant, { ...once, ...own })
      expect(await find()).toBeUndefined()
      await add(task)
      expect(await find()).toEqual({ earlier: task, sameFingerprint: true })
      expect(await find('acme', { fingerprint: 'g' })).toEqual({ earlier: task, sameFingerprint: false })
      expect([await find('globex'), await find('acme', { key: 'K' })]).toEqual([undefined, undefined])
      subject().time.pass(day)
      expect(await find()).toBeUndefined()
      expect(await tasks()).toEqual([task])
    })

    test('knows keys apart, and the same key of two tenants', async () => {
      const keys = ['k', 'K', 'k ', 'kk', "'", '%']
      for (const key of keys) expect(await add({}, { key })).toEqual({ added: true })
      for (const key of keys) expect(await add({ tenant: 'globex' }, { key })).toEqual({ added: true })
      expect(await add({ tenant: 'globex' })).toMatchObject({ added: false, earlier: { tenant: 'globex' } })
      expect([(await tasks()).length, (await tasks('globex')).length]).toEqual([keys.length, keys.length])
    })

    test('makes one task of many at once, whether they share a commit or not', async () => {
      const all = Array.from({ length: manyAtOnce }, () => sampleTask())
      const results = await Promise.all(all.map((task) => add(task)))
      expect(results.filter(({ added }) => added)).toHaveLength(1)
      const [task] = await tasks()
      const others = results.filter((result) => !result.added)
      expect(others).toHaveLength(manyAtOnce - 1)
      for (const other of others) expect('earlier' in other && other.earlier).toEqual(task)
      expect(await tasks()).toHaveLength(1)
    })

    test('is free again from the moment on at which the key expires', async () => {
      const [first, second] = [sampleTask(), sampleTask()]
      await add(first)
      subject().time.pass(day - 1)
      expect(await add(second)).toMatchObject({ added: false, earlier: { id: first.id } })
      subject().time.pass(1)
      expect(await add(second, { fingerprint: 'g' })).toEqual({ added: true })
      expect(await add({}, { fingerprint: 'g' })).toMatchObject({ added: false, earlier: { id: second.id } })
    })

    test('is free again however many others expired at the same time', async () => {
      const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
      await Promise.all(keys.map((key) => add({}, { key })))
      subject().time.pass(day)
      const later = await Promise.all(keys.map((key) => add({}, { key })))
      expect(later).toEqual(keys.map(() => ({ added: true })))
    })

    test('holds after the journal was opened again', async () => {
      const task = sampleTask()
      await add(task)
      await subject().journal.close()
      await subject().reopen()
      expect(await add()).toEqual({ added: false, earlier: task, sameFingerprint: true })
    })

    test('takes no key for a task that could not be added', async () => {
      const twice = sampleTask()
      await subject().journal.add(twice, sampleEvent())
      const next = sampleTask()
      const [refused, added] = await Promise.allSettled([add(twice), add(next)])
      expect([refused.status, added]).toEqual(['rejected', { status: 'fulfilled', value: { added: true } }])
      expect(await add()).toMatchObject({ earlier: { id: next.id } })
    })

    test('agrees with a map, whatever comes at once and however much time passes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyWave, { maxLength: 8 }), async (waves) => {
          const { journal, time } = subject()
          const model = new KeysModel(sampleTask().id)
          for (const { passesMs, additions } of waves) {
            time.pass(passesMs)
            const asked = additions.map((addition) => model.add(addition, time.clock.now()))
            const adding = asked.map(({ task, once }) => journal.add(task, sampleEvent(), once))
            expect(await Promise.all(adding)).toEqual(asked.map(({ expected }) => expected))
          }
        }),
        { numRuns: histories },
      )
    })
  })
}

/** Keys as a plain map, for tenants that no other history has. */
class KeysModel {
  readonly #history: string
  readonly #keys = new Map<string, { readonly task: Task; readonly once: Once }>()

  constructor(history: string) {
    this.#history = history
  }

  add({ tenant, key, fingerprint, lastsMs }: Addition, now: number) {
    const task = sampleTask({ tenant: `${tenant}-${this.#history}` })
    const once = { key, fingerprint, until: now + lastsMs }
    const known = this.#keys.get(`${tenant} ${key}`)
    const isTaken = known !== undefined && known.once.until > now
    if (!isTaken) this.#keys.set(`${tenant} ${key}`, { task, once })
    const expected: Added = isTaken
      ? { added: false, earlier: known.task, sameFingerprint: known.once.fingerprint === fingerprint }
      : { added: true }
    return { task, once, expected }
  }
}
