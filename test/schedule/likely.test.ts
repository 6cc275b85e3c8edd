import { expect, it } from 'vitest'
import { History } from '../../src/schedule/history.ts'
import { firstOf, type Likely, likelyEnd, likelyRest, likelyRun, sourceOf, times } from '../../src/schedule/likely.ts'

function historyOf(seconds: readonly number[]): History {
  const history = new History()
  for (const one of seconds) history.add('lint', one)
  return history
}

const many = (...seconds: readonly number[]) => historyOf(Array.from({ length: 40 }, () => seconds).flat())

function drawn(likely: Likely): readonly number[] {
  const random = sourceOf(1)
  return Array.from({ length: 200 }, () => likely.draw(random)).sort((a, b) => a - b)
}

it('a run takes what one of the last took', () => {
  const likely = likelyRun(many(10, 20), 'lint')
  expect(new Set(drawn(likely))).toEqual(new Set([10, 20]))
  expect(likely).toMatchObject({ mean: 15, deviation: 5 })
})

it('what has run for some time takes what those did that took longer', () => {
  expect(new Set(drawn(likelyRest(many(10, 20, 30), 'lint', 12)))).toEqual(new Set([8, 18]))
})

it('what takes longer than any before takes some time still', () => {
  const rest = drawn(likelyRest(many(10), 'lint', 40))
  expect(rest[0]).toBeGreaterThan(0)
  expect(rest[100]).toBeCloseTo(20, -1)
})

it('a kind that never ran, or hardly, is guessed at, more widely the less is known', () => {
  const width = (likely: Likely) => {
    const all = drawn(likely)
    return (all[180] as number) / (all[20] as number)
  }
  const [unknown, known] = [width(likelyRun(historyOf([]), 'lint')), width(likelyRun(historyOf([10, 10]), 'lint'))]
  expect(unknown).toBeGreaterThan(known)
  expect(known).toBeGreaterThan(1.2)
  expect(width(likelyRun(many(10), 'lint'))).toBe(1)
})

it('what is to be ended holds its place as long as others did that were, and no longer than it would anyway', () => {
  const history = many(10, 20)
  for (let one = 0; one < 40; one += 1) history.madeRoom(one % 2 === 0 ? 3 : 15)
  const end = likelyEnd(history, {})
  expect(new Set(drawn(end))).toEqual(new Set([3, 15]))
  expect(new Set(drawn(firstOf(likelyRun(history, 'lint'), end)))).toEqual(new Set([3, 10, 15]))
  expect(new Set(drawn(likelyEnd(history, { sinceSeconds: 4 })))).toEqual(new Set([11]))
  expect(new Set(drawn(likelyEnd(history, { inSeconds: 30 })))).toEqual(new Set([33, 45]))
})

it('a kind that is ended for others holds slots longer than its last attempts do', () => {
  const history = many(10)
  expect(history.occupies('lint')).toBe(1)
  history.lose('lint', 200)
  history.add('lint', 10)
  expect(history.occupies('lint')).toBeCloseTo(1 + 200 / 410)
  expect(new Set(drawn(times(likelyRun(many(10, 20), 'lint'), 1.5)))).toEqual(new Set([15, 30]))
  for (let one = 0; one < 256; one += 1) history.add('lint', 10)
  expect(history.occupies('lint')).toBe(1)
})
