import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Heap } from '../../src/schedule/heap.ts'
import { cpuOfPass } from '../fixtures/cpu.ts'

interface Item {
  rank: number
}

const byRank = (a: Item, b: Item) => a.rank - b.rank

const changes = fc.array(fc.record({ which: fc.nat(20), to: fc.option(fc.nat(100), { nil: null }) }), {
  maxLength: 200,
  size: 'max',
})

describe('a heap', () => {
  test('has nothing first when it is empty', () => {
    expect(new Heap<Item>(byRank).first).toBeUndefined()
  })

  test('always has the smallest item first, while items come, move and leave', () => {
    const property = fc.property(changes, (changes) => {
      const items = Array.from({ length: 21 }, () => ({ rank: 0 }))
      const heap = new Heap<Item>(byRank)
      const inside = new Set<Item>()
      for (const { which, to } of changes) {
        const item = items[which] as Item
        if (to === null) {
          expect(heap.delete(item)).toBe(inside.delete(item))
        } else {
          item.rank = to
          heap.put(item)
          inside.add(item)
        }
        expect(heap.size).toBe(inside.size)
        expect(heap.first?.rank ?? Infinity).toBe(Math.min(Infinity, ...[...inside].map(({ rank }) => rank)))
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('finds each of its items again when its order cannot tell them apart', () => {
    const heap = new Heap<Item>(() => Number.NaN)
    const items = Array.from({ length: 100 }, (_, rank) => ({ rank }))
    for (const item of items) heap.put(item)
    for (const item of items) heap.put(item)
    expect(items.filter((item) => heap.delete(item))).toEqual(items)
    expect(heap.first).toBeUndefined()
  })

  test('compares an item with a few others only: at most two for each of its levels', () => {
    let compared = 0
    const heap = new Heap<Item>((a, b) => {
      compared += 1
      return byRank(a, b)
    })
    const items = Array.from({ length: 2 ** 14 }, (_, at) => ({ rank: (at * 7919) % 2 ** 14 }))
    let most = 0
    const measured = (change: () => void) => {
      compared = 0
      change()
      most = Math.max(most, compared)
    }
    for (const item of items) measured(() => heap.put(item))
    for (const item of items) measured(() => heap.delete(item))
    expect(most).toBeLessThanOrEqual(2 * 15)
  })

  test('takes no longer for one that leaves and comes back again and again beside a hundred thousand others', () => {
    const costOf = (others: number): number => {
      const heap = new Heap<Item>(byRank)
      for (let rank = 0; rank < others; rank++) heap.put({ rank })
      const back = { rank: others }
      return cpuOfPass(30_000, () => {
        heap.put(back)
        heap.delete(back)
      })
    }
    costOf(0)
    // With a map of places it took 100 µs, and 0.2 alone.
    expect(costOf(100_000)).toBeLessThan(10 * costOf(0) + 3)
  })
})
