import { expect, it } from 'vitest'
import { deployPace, intervals, PACES } from '../../../workers/salesforce/poll.ts'

function first(count: number, ...of: Parameters<typeof intervals>): number[] {
  const waits = intervals(...of)
  return Array.from({ length: count }, () => waits.next().value)
}

it('looks at an org are further and further apart, up to the longest', () => {
  expect(first(7, PACES.bulk)).toEqual([1_000, 1_500, 2_250, 3_375, 5_062.5, 7_593.75, 10_000])
  expect(first(2, PACES.install)).toEqual([5_000, 5_000])
})

it('looks are as far apart as the input says', () => {
  expect(first(3, PACES.sandbox, 0.01)).toEqual([10, 10, 10])
})

it('large deployments are looked at less often', () => {
  const seconds = (of: Parameters<typeof deployPace>[0]) => deployPace(of).firstMs / 1_000
  expect([1, 1_000, 1_001, 20_000].map((components) => seconds({ components }))).toEqual([1, 1, 1.001, 10])
  expect([0.5e6, 3e6, 10e6, 30e6].map((zipBytes) => seconds({ zipBytes }))).toEqual([1, 2, 5, 10])
})
