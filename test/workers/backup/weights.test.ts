import { describe, expect, it } from 'vitest'
import { Weights } from '../../../workers/backup/weights.ts'

describe('progress over parts of different size', () => {
  it('is by their rows, never more than all, never back, and none of nothing', () => {
    const weights = new Weights(
      new Map([
        ['Large', 9_900],
        ['Small', 0],
      ]),
    )
    expect(weights.percent).toBe(0)
    weights.set('Small', 1)
    expect(weights.percent).toBe(0)
    weights.set('Large', 0.5)
    weights.set('Large', 0.2)
    expect(weights.percent).toBe(50)
    weights.set('Large', 7)
    expect(weights.percent).toBe(100)
    expect(new Weights(new Map()).percent).toBeNull()
  })
})
