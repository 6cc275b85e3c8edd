import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ReturningMap } from '../../src/system/returning-map.ts'
import { cpuOfPass } from '../fixtures/cpu.ts'

/** So many keys one after the other come, with a value of their own, or go. */
const change = fc.record({ first: fc.nat(60), count: fc.nat(60), come: fc.boolean() })

describe('a returning map', () => {
  test('has what a map would have, whatever comes and goes', () => {
    const property = fc.property(fc.array(change, { maxLength: 40, size: 'max' }), (changes) => {
      const names = new ReturningMap<string | null, { value: number }>()
      const map = new Map<string | null, { value: number }>()
      for (const [value, { first, count, come }] of changes.entries()) {
        for (let at = first; at < first + count; at++) {
          const name = at === 0 ? null : `${at}`
          if (come) names.set(name, { value })
          else expect(names.delete(name)).toEqual(map.get(name))
          if (come) map.set(name, { value })
          else map.delete(name)
          expect(names.get(name)).toEqual(map.get(name))
          expect(names.size).toBe(map.size)
        }
      }
      const inOrder = (all: Iterable<{ value: number }>) => Array.from(all, ({ value }) => value).sort((a, b) => a - b)
      expect(inOrder(names.values())).toEqual(inOrder(map.values()))
    })
    fc.assert(property, { numRuns: 100 })
  })

  test('may lose all of its keys while they are looked at, each of them seen once', () => {
    const names = new ReturningMap<string, { name: string }>()
    for (let at = 0; at < 100; at++) names.set(`${at}`, { name: `${at}` })
    const seen: string[] = []
    for (const { name } of names.values()) {
      seen.push(name)
      names.delete(name)
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => `${at}`))
    expect(names.size).toBe(0)
  })

  test('shows itself as it is to whoever looks at all of it while most goes', () => {
    const names = new ReturningMap<string, { name: string }>()
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

  test('asks no more for a key that comes back again and again beside a hundred thousand others than for one alone', () => {
    const costOf = (others: number): number => {
      const names = new ReturningMap<string, object>()
      for (let at = 0; at < others; at++) names.set(`${at}`, {})
      return cpuOfPass(30_000, () => {
        names.set('back', {})
        names.delete('back')
      })
    }
    costOf(0)
    // A map takes 40 times as long as alone, and 23 µs.
    expect(costOf(100_000)).toBeLessThan(10 * costOf(0) + 3)
  })
})
