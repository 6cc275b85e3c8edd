import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedWithin, deletedWindow, windowAfter } from '../../../workers/backup/window.ts'

const minute = 60_000
const day = 86_400_000

describe('the window of an incremental backup', () => {
  it('begins ten minutes before the last one ended', () => {
    const to = Date.UTC(2026, 0, 2)
    expect(changedWithin('SystemModstamp', windowAfter(to, to + day))).toBe(
      'SystemModstamp >= 2026-01-01T23:50:00.000Z AND SystemModstamp < 2026-01-03T00:00:00.000Z',
    )
  })

  it('leaves no moment out, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 * day }), { minLength: 2, maxLength: 20 }), (gaps) => {
        let end = Date.UTC(2026, 0, 1)
        for (const gap of gaps) {
          const { from, to } = windowAfter(end, end + gap)
          expect(from).toBe(end - 10 * minute)
          expect(to).toBe(end + gap)
          end = to
        }
      }),
    )
  })

  it('is none when the clock of the org went back', () => {
    expect(() => windowAfter(1_000, 999)).toThrow('earlier time than at the last backup')
  })

  it('asks for deleted rows as far back as the org lists them', () => {
    const to = Date.UTC(2026, 5, 1)
    expect(deletedWindow({ from: to - day, to })).toEqual({ from: to - day, to })
    expect(deletedWindow({ from: to - 90 * day, to })?.from).toBe(to - 30 * day + 10 * minute)
    expect(deletedWindow({ from: to - 1_000, to })).toBeUndefined()
  })
})
