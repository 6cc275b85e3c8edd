import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Journal } from '../../../src/journal/journal.ts'
import type { TaskEvent } from '../../../src/task/task.ts'
import { claimMove, runMove, sampleEvent, sampleTask, settlingMove, succeedMove } from '../../contracts/samples.ts'
import { journalOfEachTest } from './fixture.ts'

/** Longer than the writing thread waits for a lock by itself, twice over. */
const tooLongMs = 2300

describe('a database that somebody else has locked', () => {
  const held = journalOfEachTest()
  let journal: Journal
  let stranger: DatabaseSync

  beforeEach(() => {
    journal = held.journal
    stranger = new DatabaseSync(held.place.files.database)
  })
  afterEach(() => stranger.close())

  const lock = () => stranger.exec('BEGIN IMMEDIATE')
  const unlock = () => stranger.exec('COMMIT')
  const aWhile = () => new Promise((resolve) => setTimeout(resolve, tooLongMs))
  async function running(): Promise<string> {
    const task = sampleTask()
    await journal.add(task, sampleEvent())
    await journal.move(claimMove(task))
    await journal.move(runMove(task.id, 1))
    return task.id
  }

  test('holds up every write in its order, and fails or refuses none', async () => {
    const id = await running()
    const turns: boolean[] = []
    journal.onFull((full) => turns.push(full))
    const published: TaskEvent[] = []
    journal.onCommit((events) => published.push(...events))
    const answered: string[] = []
    const note = (name: string, write: Promise<unknown>) => write.then(() => answered.push(name))
    lock()
    const first = note('settling', journal.move(settlingMove(id, 1)))
    await aWhile()
    const late = sampleTask()
    const writes = [
      first,
      note('settled', journal.move(succeedMove(id, 1))),
      note('added', journal.add(late, sampleEvent())),
      note('claimed', journal.move(claimMove(late, { canWait: true }))),
    ]
    await aWhile()
    expect(answered).toEqual([])
    expect(journal.backlogBytes()).toBeGreaterThan(0)
    unlock()
    await Promise.all(writes)
    expect(answered).toEqual(['settling', 'settled', 'added', 'claimed'])
    expect(published.map(({ type }) => type)).toEqual(['task.succeeded', 'task.queued', 'task.starting'])
    expect(await journal.task('acme', id)).toMatchObject({ state: 'succeeded' })
    expect([turns, journal.backlogBytes()]).toEqual([[], 0])
  })

  test('holds up a close until what was accepted is on disk', async () => {
    const id = await running()
    lock()
    const moving = journal.move(settlingMove(id, 1))
    const closing = journal.close()
    await aWhile()
    unlock()
    expect(await moving).toMatchObject({ moved: true })
    await closing
  })
})
