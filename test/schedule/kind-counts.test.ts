import { expect, test } from 'vitest'
import { KindCounts } from '../../src/schedule/kind-counts.ts'
import { policyOf } from './fixture.ts'

const two = policyOf({ kinds: new Map([['deploy', { running: 2, windows: [] }]]) })

test('a kind is full when as many run as may, and over when fewer may by now', () => {
  const kinds = new KindCounts()
  for (const at of [1, 2]) kinds.count('deploy', 1, two, at)
  kinds.count('lint', 1, two, 3)
  expect([kinds.running('deploy'), kinds.running('lint'), kinds.running('backup')]).toEqual([2, 1, 0])
  expect([kinds.isFull('deploy', two), kinds.isOver('deploy', two), kinds.isFull('lint', two)]).toEqual([
    true,
    false,
    false,
  ])
  const one = policyOf({ kinds: new Map([['deploy', { running: 1, windows: [] }]]) })
  expect(kinds.isOver('deploy', one)).toBe(true)
  kinds.count('deploy', -1, two, 4)
  expect([kinds.isFull('deploy', two), kinds.isFull('deploy', one)]).toEqual([false, true])
})

test('for how long a kind was full is kept in mind, for kinds with a limit alone', () => {
  const kinds = new KindCounts()
  kinds.count('lint', 1, two, 0)
  expect(kinds.spellsOf('lint')).toBeUndefined()
  for (const [by, at] of [
    [1, 10],
    [1, 20],
    [-1, 500],
    [-1, 600],
  ] as const)
    kinds.count('deploy', by, two, at)
  expect(kinds.spellsOf('deploy')?.within(0, 1_000)).toEqual([{ rule: 'kind-running', from: 20, until: 500 }])
})
