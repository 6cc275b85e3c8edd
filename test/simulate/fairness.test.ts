import { describe, expect, test } from 'vitest'
import { Fairness, jainIndex } from '../../src/simulate/fairness.ts'

const waits = { waiting: 1, running: 0 }
const starts = { waiting: -1, running: 1 }
const ends = { waiting: 0, running: -1 }

function sharesOf(fairness: Fairness, now: number): Record<string, number> {
  return Object.fromEntries([...fairness.totals(now)].map(([tenant, { got, due }]) => [tenant, got / due]))
}

describe('fairness', () => {
  test('is by weight: who has three of four slots for a weight of three has its share', () => {
    const fairness = new Fairness()
    for (const [tenant, weight, slots] of [
      ['acme', 3, 3],
      ['globex', 1, 1],
    ] as const) {
      for (let task = 0; task <= slots; task++) fairness.change(tenant, weight, 0, waits)
      for (let task = 0; task < slots; task++) fairness.change(tenant, weight, 0, starts)
    }
    expect(sharesOf(fairness, 60_000)).toEqual({ acme: 1, globex: 1 })
  })

  test('shows who got too much, and who too little', () => {
    const fairness = new Fairness()
    for (const [tenant, slots] of [
      ['acme', 3],
      ['globex', 1],
    ] as const) {
      for (let task = 0; task <= slots; task++) fairness.change(tenant, 1, 0, waits)
      for (let task = 0; task < slots; task++) fairness.change(tenant, 1, 0, starts)
    }
    expect(sharesOf(fairness, 60_000)).toEqual({ acme: 1.5, globex: 0.5 })
  })

  test('takes no account of whoever wants nothing more', () => {
    const fairness = new Fairness()
    fairness.change('acme', 1, 0, waits)
    fairness.change('acme', 1, 0, starts)
    fairness.change('globex', 1, 0, waits)
    fairness.change('globex', 1, 0, waits)
    fairness.change('globex', 1, 0, starts)
    fairness.change('acme', 1, 30_000, ends)
    fairness.change('globex', 1, 60_000, starts)
    expect(fairness.totals(90_000)).toEqual(new Map([['globex', { got: 60, due: 60 }]]))
  })

  test('has the index of Jain: 1 for equal shares, 1/n when one of n has everything', () => {
    expect(jainIndex([2, 2, 2, 2])).toBe(1)
    expect(jainIndex([1, 0, 0, 0])).toBe(0.25)
    expect(jainIndex([])).toBe(1)
  })
})
