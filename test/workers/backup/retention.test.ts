import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chainOf } from '../../../workers/backup/chain.ts'
import { type Aged, type Policy, retain, usualPolicy } from '../../../workers/backup/retention.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 1, 2)
const at = (days: number) => new Date(start + days * day).toISOString()

/** One a night: full on each seventh, else built on the night before. */
function nights(count: number): Aged[] {
  return Array.from({ length: count }, (_, night) => ({
    id: `n${night}`,
    mode: night % 7 === 0 ? ('full' as const) : ('incremental' as const),
    parent: night % 7 === 0 ? null : `n${night - 1}`,
    to: at(night),
  }))
}

const chains = fc
  .array(fc.record({ gap: fc.double({ min: 0.01, max: 20, noNaN: true }), isFull: fc.boolean(), back: fc.nat(3) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let days = 0
    return steps.map(({ gap, isFull, back }, index): Aged => {
      days += gap
      const mode = index === 0 || isFull ? 'full' : 'incremental'
      return {
        id: `b${index}`,
        mode,
        parent: mode === 'full' ? null : `b${Math.max(0, index - 1 - back)}`,
        to: at(days),
      }
    })
  })
const policies = fc.record({ keepDaily: fc.nat(8), keepWeekly: fc.nat(5), keepMonthly: fc.nat(12), minFull: fc.nat(3) })

describe('retention', () => {
  it('keeps a week of nights, a month of weeks and a year of months, with what they build on', () => {
    const { keep, prune } = retain(nights(100), usualPolicy)
    expect(prune.length + keep.size).toBe(100)
    expect(keep.get('n99')).toEqual(['newest', 'daily', 'weekly', 'monthly'])
    expect(keep.get('n98')).toEqual(['daily', 'full'])
    // The last night of March, which builds on those since the full one of that week.
    expect(keep.get('n89')).toEqual(['monthly'])
    expect([84, 85, 86, 87, 88].map((night) => keep.has(`n${night}`))).toEqual(Array(5).fill(true))
    expect(keep.has('n70')).toBe(false)
  })

  it('keeps the newest one even when it is to keep none', () => {
    const none: Policy = { keepDaily: 0, keepWeekly: 0, keepMonthly: 0, minFull: 0 }
    const { keep, prune } = retain(nights(10), none)
    expect([...keep.keys()].sort()).toEqual(['n7', 'n8', 'n9'])
    expect(prune).toHaveLength(7)
  })

  it('never takes what a kept backup builds on, nor the newest, nor the last full ones; and loses none from sight', () => {
    fc.assert(
      fc.property(chains, policies, (backups, policy) => {
        const { keep, prune } = retain(backups, policy)
        expect([...keep.keys(), ...prune].sort()).toEqual(backups.map(({ id }) => id).sort())
        const left = new Map(backups.filter(({ id }) => keep.has(id)).map((one) => [one.id, one]))
        for (const id of keep.keys()) expect(() => chainOf(left, id)).not.toThrow()
        expect(keep.has(backups.at(-1)?.id ?? '')).toBe(true)
        const full = backups.filter(({ mode }) => mode === 'full').slice(-policy.minFull || backups.length)
        if (policy.minFull > 0) expect(full.every(({ id }) => keep.has(id))).toBe(true)
      }),
    )
  })

  it('takes none before those that build on it, so that a run that is killed leaves only whole chains', () => {
    fc.assert(
      fc.property(chains, policies, (backups, policy) => {
        const { prune } = retain(backups, policy)
        const left = new Map(backups.map((one) => [one.id, one]))
        for (const id of prune) {
          left.delete(id)
          for (const other of left.keys()) expect(() => chainOf(left, other)).not.toThrow()
        }
      }),
    )
  })
})
