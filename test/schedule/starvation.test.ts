import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lightBehindHeavy } from './crowds.ts'

test('who comes with little waits at most until the next slot is free, whatever another has waiting', () => {
  const property = fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), (slots, seed) => {
    const { behind, alone, slotTurn } = lightBehindHeavy({ slots, heavy: 5_000, seed })
    expect(behind).toBeLessThanOrEqual(alone + slotTurn)
  })
  fc.assert(property, { numRuns: 10 })
}, 120_000)
