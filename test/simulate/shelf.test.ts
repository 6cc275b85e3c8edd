import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Shelf } from '../../src/simulate/shelf.ts'

const inOrder = (a: number, b: number) => a - b

test('a shelf keeps any order, whatever comes and goes', () => {
  const step = fc.record({ do: fc.constantFrom('add', 'add', 'delete'), item: fc.nat(5_000) })
  const looks = fc.array(fc.record({ mark: fc.nat(5_000), limit: fc.integer({ min: 1, max: 700 }) }), { maxLength: 5 })
  const property = fc.property(fc.array(step, { maxLength: 3_000, size: 'max' }), looks, (steps, looks) => {
    const shelf = new Shelf(inOrder)
    const all = new Set<number>()
    for (const { do: what, item } of steps) {
      if (what === 'delete') expect(shelf.delete(item)).toBe(all.delete(item))
      else if (!all.has(item)) shelf.add(item)
      if (what === 'add') all.add(item)
    }
    const sorted = [...all].sort(inOrder)
    expect(shelf.after(-1, Infinity)).toEqual(sorted)
    expect(shelf.isEmpty).toBe(sorted.length === 0)
    for (const { mark, limit } of looks) {
      expect(shelf.after(mark, limit)).toEqual(sorted.filter((item) => item > mark).slice(0, limit))
      expect(shelf.count((item) => item < mark)).toBe(sorted.filter((item) => item < mark).length)
    }
  })
  fc.assert(property, { numRuns: 50 })
})
