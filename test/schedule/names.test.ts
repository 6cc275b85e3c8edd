import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Names } from '../../src/schedule/names.ts'

const change = fc.record({ name: fc.option(fc.nat(60).map(String)), value: fc.option(fc.nat()) })

describe('names', () => {
  test('are what a map would have, whatever comes and goes', () => {
    const property = fc.property(fc.array(change, { maxLength: 400, size: 'max' }), (changes) => {
      const [names, map] = [new Names<{ value: number }>(), new Map<string | null, { value: number }>()]
      for (const { name, value } of changes) {
        if (value === null) {
          names.delete(name)
          map.delete(name)
        } else {
          names.set(name, { value })
          map.set(name, { value })
        }
        expect(names.get(name)).toEqual(map.get(name))
        expect(names.size).toBe(map.size)
      }
      const inOrder = (all: Iterable<{ value: number }>) => [...all].map(({ value }) => value).sort((a, b) => a - b)
      expect(inOrder(names.values())).toEqual(inOrder(map.values()))
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('may all go while they are looked at, each of them seen once', () => {
    const names = new Names<{ name: string }>()
    for (let at = 0; at < 100; at++) names.set(`${at}`, { name: `${at}` })
    const seen: string[] = []
    for (const { name } of names.values()) {
      seen.push(name)
      names.delete(name)
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`))
    expect(names.size).toBe(0)
  })

  test('are seen as they are by whoever looks at all of them while most go', () => {
    const names = new Names<{ name: string }>()
    const add = (name: string) => names.set(name, { name })
    for (let at = 0; at < 100; at++) add(`${at}`)
    const seen: string[] = []
    for (const { name } of names.values()) {
      seen.push(name)
      if (name !== '0') continue
      for (let at = 1; at < 98; at++) names.delete(`${at}`)
      names.delete('98')
      add('late')
    }
    expect(seen).toEqual(['0', '99', 'late'])
  })

  test('that come back again and again cost the same beside a hundred thousand others as alone', () => {
    const costOf = (others: number): number => {
      const names = new Names<object>()
      for (let at = 0; at < others; at++) names.set(`${at}`, {})
      const since = performance.now()
      for (let pass = 0; pass < 30_000; pass++) {
        names.set('back', {})
        names.delete('back')
      }
      return performance.now() - since
    }
    costOf(0)
    // A map takes 40 times as long as alone, and 700 ms.
    expect(costOf(100_000)).toBeLessThan(10 * costOf(0) + 100)
  })
})
