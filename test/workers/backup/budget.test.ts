import { describe, expect, it } from 'vitest'
import { callsFor, refusalOf } from '../../../workers/backup/budget.ts'

describe('the budget of calls', () => {
  it('counts a page for small objects, a job for large ones, and a call for each file', () => {
    const small = callsFor(new Map([['A', 100]]), [])
    expect(callsFor(new Map([['A', 100]]), ['A'])).toBe(small + 100)
    expect(callsFor(new Map([['A', 1_000_000]]), [])).toBeLessThan(50)
  })

  it('refuses what would take too much of the day, with the figures', () => {
    expect(refusalOf(10, { max: 1_000, remaining: 900 }, 50)).toBeUndefined()
    expect(refusalOf(501, { max: 1_000, remaining: 900 }, 50)).toBe(
      'the backup needs about 501 API calls; the org has 900 of 1000 left today, and apiBudgetPct 50 allows 500',
    )
    expect(refusalOf(20, { max: 1_000, remaining: 10 }, 50)).toContain('has 10 of 1000 left')
  })
})
