import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Journal } from '../../../src/journal/journal.ts'
import { Readers } from '../../../src/journal/sqlite/threads.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

let place: ReturnType<typeof temporaryDirectory>
let journal: Journal
let readers: Readers

beforeEach(async () => {
  place = temporaryDirectory()
  journal = await openIn(place.directory)
  readers = new Readers({ database: place.files.database }, (error) => expect(error).toBeUndefined())
})
afterEach(async () => {
  await readers.close()
  await journal.close()
  place.remove()
})

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
