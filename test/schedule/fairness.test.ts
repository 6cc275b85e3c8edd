import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jainIndex } from '../../src/simulate/fairness.ts'
import { fiftyEquals, threeToOne } from './crowds.ts'

const slots = fc.integer({ min: 2, max: 12 })
const seed = fc.nat()

test('who weighs three times as much gets three times the process time, however long its tasks are', () => {
  const property = fc.property(slots, seed, (slots, seed) => {
    const ratio = threeToOne({ slots, hours: 6, seed })
    expect(ratio).toBeGreaterThan(3 * 0.98)
    expect(ratio).toBeLessThan(3 * 1.02)
  })
  fc.assert(property, { numRuns: 5 })
}, 120_000)

test('fifty equal tenants get the same, also one that has split its work over a hundred keys', () => {
  const property = fc.property(slots, seed, (slots, seed) => {
    const got = fiftyEquals({ slots, hours: 6, seed })
    expect(jainIndex(got)).toBeGreaterThanOrEqual(0.99)
    const mean = got.reduce((sum, seconds) => sum + seconds, 0) / got.length
    expect(got[0]).toBeLessThan(mean * 1.1)
  })
  fc.assert(property, { numRuns: 5 })
}, 120_000)
