import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { queuedIn } from '../../contracts/samples.ts'
import { answersIn } from './children/answers.ts'
import { killHard, startChild } from './children/start.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

const kills = 4
const latestMs = 400

test('what was answered is there after kill -9, at whatever moment that comes', async () => {
  const { directory, remove } = temporaryDirectory()
  for (let kill = 0; kill < kills; kill++) {
    const { child } = await startChild('adder', directory)
    await setTimeout(Math.random() * latestMs)
    await killHard(child)
  }
  const journal = await openIn(directory)
  const kept = new Set((await queuedIn(journal)).map(({ id }) => id))
  await journal.close()
  const answered = answersIn(directory)
  remove()
  expect(answered.length).toBeGreaterThan(kills)
  expect(answered.filter((id) => !kept.has(id))).toEqual([])
})
