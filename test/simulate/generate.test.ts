import { expect, test } from 'vitest'
import { generate } from '../../src/simulate/generate.ts'

const load = {
  tenants: 10,
  ratePerSecond: 5,
  mix: { critical: 1, normal: 6, batch: 3 },
  hours: 1,
  seed: 7,
}

test('a generated trace has as many tasks as asked for, of these pools and tenants, in the order of their times', () => {
  const arrivals = [...generate(load)]
  const part = (is: (one: (typeof arrivals)[number]) => boolean) => arrivals.filter(is).length / arrivals.length
  expect(arrivals.length).toBeGreaterThan(17_000)
  expect(arrivals.length).toBeLessThan(19_000)
  expect(part(({ pool }) => pool === 'critical')).toBeCloseTo(0.1, 1)
  expect(part(({ pool }) => pool === 'batch')).toBeCloseTo(0.3, 1)
  // The first of ten whose shares go as 1, 1/2, 1/3 …
  expect(part(({ tenant }) => tenant === 'tenant-1')).toBeCloseTo(0.34, 1)
  expect(new Set(arrivals.map(({ tenant }) => tenant)).size).toBe(10)
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a.at - b.at))
})

test('the same seed makes the same trace, another one another', () => {
  const few = { ...load, hours: 0.01 }
  expect([...generate(few)]).toEqual([...generate(few)])
  expect([...generate({ ...few, seed: 8 })]).not.toEqual([...generate(few)])
})
