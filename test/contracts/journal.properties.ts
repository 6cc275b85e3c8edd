import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Journal, Move } from '../../src/journal/journal.ts'
import { STATES } from '../../src/task/states.ts'
import type { Task, TaskEvent } from '../../src/task/task.ts'
import { JournalModel } from './journal.model.ts'
import { sampleEvent, sampleTask } from './samples.ts'

const tasksOfAHistory = 3
const histories = 60

const anyMove = fc.record({
  task: fc.nat({ max: tasksOfAHistory - 1 }),
  from: fc.oneof(fc.constant([...STATES]), fc.subarray([...STATES])),
  // Mostly the attempt that is, else one that was or will be.
  behind: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) }),
  state: fc.option(fc.constantFrom(...STATES), { nil: undefined }),
  percent: fc.option(fc.nat({ max: 100 }), { nil: undefined }),
  checkpoint: fc.option(fc.jsonValue(), { nil: undefined }),
  events: fc.nat({ max: 3 }),
})

type AnyMove = typeof anyMove extends fc.Arbitrary<infer T> ? T : never

/** Any order of valid and stale writes, several of them at once, against a model of maps. */
export function describeHistories(subject: () => Journal): void {
  describe('any history', () => {
    test('has events 1 to n without holes, published in the order they are read; stale moves change nothing', async () => {
      const published: TaskEvent[] = []
      subject().onCommit((events) => published.push(...events))
      const waves = fc.array(fc.array(anyMove, { minLength: 1, maxLength: 6 }), { maxLength: 8 })
      await fc.assert(
        fc.asyncProperty(waves, async (history) => {
          published.length = 0
          const model = new JournalModel()
          const ids = await addTasks(subject(), model)
          for (const wave of history) await moveAtOnce(subject(), model, ids, wave)
          await expectSame(subject(), model, published)
        }),
        { numRuns: histories },
      )
    })
  })
}

async function addTasks(journal: Journal, model: JournalModel): Promise<readonly string[]> {
  const tasks = Array.from({ length: tasksOfAHistory }, () => sampleTask())
  for (const task of tasks) model.add(task, sampleEvent())
  await Promise.all(tasks.map((task) => journal.add(task, sampleEvent())))
  return tasks.map(({ id }) => id)
}

async function moveAtOnce(journal: Journal, model: JournalModel, ids: readonly string[], wave: readonly AnyMove[]) {
  const expected = []
  const moving = []
  for (const any of wave) {
    const move = moveOf(any, model.tasks.get(ids[any.task] as string) as Task)
    moving.push(journal.move(move))
    expected.push(model.move(move))
  }
  expect(await Promise.all(moving)).toEqual(expected)
}

function moveOf({ from, behind, state, percent, checkpoint, events }: AnyMove, { id, attempt }: Task): Move {
  const change = {
    ...(state === undefined ? {} : { state }),
    ...(percent === undefined ? {} : { progress: { phase: 'p', percent } }),
    // Through JSON, which knows no -0.
    ...(checkpoint === undefined ? {} : { checkpoint: JSON.parse(JSON.stringify(checkpoint)) }),
  }
  const opens = { worker: 'w', isolation: 0, process: null, moduleHash: null, at: 1 }
  return {
    task: id,
    from,
    attempt: attempt + behind,
    change,
    events: Array.from({ length: events }, (_, index) => sampleEvent('task.log', attempt, { index })),
    ...(state === 'starting' ? { opens } : {}),
  }
}

async function expectSame(journal: Journal, model: JournalModel, published: readonly TaskEvent[]): Promise<void> {
  expect(published).toEqual(model.log)
  for (const [id, task] of model.tasks) {
    expect(await journal.task('acme', id)).toEqual(task)
    const { events, lastSeq } = await journal.events(id, 0, 1000)
    expect(events).toEqual(model.eventsOf(id))
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1))
    expect((await journal.attempts(id)).length).toBe(task.attempt)
  }
}
