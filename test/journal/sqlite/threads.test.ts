import { afterEach, beforeEach, expect, it } from 'vitest'
import { Readers } from '../../../src/journal/sqlite/threads.ts'
import { journalOfEachTest } from './fixture.ts'

const held = journalOfEachTest()
let readers: Readers

beforeEach(() => {
  readers = new Readers({ database: held.place.files.database }, (error) => expect(error).toBeUndefined())
})
afterEach(() => readers.close())

it('a read waits for a thread that is free, not for one that is being born', async () => {
  const done: string[] = []
  const read = (name: string) => readers.read('open').then(() => done.push(name))
  await read('by the only thread')
  const second = read('at once')
  // For this one another thread is born.
  const third = read('beside it')
  await second
  await read('later')
  await third
  expect(done).toEqual(['by the only thread', 'at once', 'beside it', 'later'])
})
