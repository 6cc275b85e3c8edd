import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Journal } from '../../../src/journal/journal.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from '../../contracts/samples.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

let place: ReturnType<typeof temporaryDirectory>
let journal: Journal

beforeEach(async () => {
  place = temporaryDirectory()
  journal = await openIn(place.directory, { maxTaskEvents: 2_000 })
})
afterEach(async () => {
  await journal.close()
  place.remove()
})

async function running(): Promise<string> {
  const task = sampleTask()
  await journal.add(task, sampleEvent())
  await journal.move(claimMove(task))
  await journal.move(runMove(task.id, 1))
  return task.id
}

async function log(task: string, count: number, text = 'x'): Promise<void> {
  const events = Array.from({ length: count }, () => sampleEvent('task.log', 1, { text }))
  await journal.move({ task, from: ['running'], attempt: 1, change: {}, events })
}

describe('a task that says very much', () => {
  it('keeps the newest of its events, without a hole among them', async () => {
    const id = await running()
    for (let said = 0; said < 9_000; said += 150) await log(id, 150)
    const { firstSeq, lastSeq } = await journal.events(id, 0, 1)
    expect(lastSeq).toBe(9_003)
    expect(lastSeq - firstSeq + 1).toBeGreaterThanOrEqual(2_000)
    expect(lastSeq - firstSeq + 1).toBeLessThanOrEqual(3_000)
    const page = await journal.events(id, 0, 5_000)
    expect(page.events.map(({ seq }) => seq)).toEqual(page.events.map((_, at) => firstSeq + at))
  })

  it('keeps all of them while they are few, also when they come at once', async () => {
    const id = await running()
    await log(id, 1_990)
    expect(await journal.events(id, 0, 1)).toMatchObject({ firstSeq: 1, lastSeq: 1_993 })
  })

  it('leaves its room to others when it is forgotten', async () => {
    const size = () =>
      statSync(place.files.database).size +
      (statSync(`${place.files.database}-wal`, { throwIfNoEntry: false })?.size ?? 0)
    const fillAndForget = async () => {
      const id = await running()
      for (let i = 0; i < 10; i++) await log(id, 200, 'y'.repeat(1_000))
      await journal.move(settlingMove(id, 1))
      await journal.move(succeedMove(id, 1, { change: { state: 'succeeded', settledAt: 1 } }))
      const numbers = await journal.retention.candidates(
        { settledBefore: Date.now() + 1e6, tasksPerTenant: 0, now: Date.now() },
        10,
      )
      await journal.retention.forget(numbers, 10_000)
      expect(await journal.task('acme', id)).toBeUndefined()
    }
    await fillAndForget()
    await journal.close()
    const before = size()
    journal = await openIn(place.directory, { maxTaskEvents: 2_000 })
    for (let i = 0; i < 5; i++) await fillAndForget()
    await journal.close()
    expect(size()).toBeLessThan(before * 1.2)
    journal = await openIn(place.directory)
  })
})
