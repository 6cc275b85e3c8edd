import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { queuedIn } from '../../contracts/samples.ts'
import { killHard, startChild } from './children/start.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

const kills = 4
const latestMs = 400

test('what was answered is there after kill -9, at whatever moment that comes', async () => {
  const { directory, remove } = temporaryDirectory()
  const answered = new Set<string>()
  for (let kill = 0; kill < kills; kill++) {
    const { child, output } = await startChild('adder', directory)
    await setTimeout(Math.random() * latestMs)
    await killHard(child)
    for (const id of output().split('\n').slice(0, -1)) answered.add(id)
  }
  const journal = await openIn(directory)
  const kept = new Set((await queuedIn(journal)).map(({ id }) => id))
  await journal.close()
  remove()
  expect(answered.size).toBeGreaterThan(kills)
  expect([...answered].filter((id) => !kept.has(id))).toEqual([])
})
