import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Ticks, ticksOf } from '../../src/schedules/ticks.ts'
import { dailyTicks, type WallField, wallMinutes } from './cron-model.ts'

const dayMs = 86_400_000

/** Days on which clocks are changed: an hour, half an hour, at midnight; and a zone where they never are. */
const changes: readonly (readonly [timeZone: string, day: string])[] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['Asia/Kathmandu', '2026-03-29'],
]

const cases = changes.map(([timeZone, day]) => {
  const noon = Date.parse(`${day}T12:00:00Z`)
  return { timeZone, day, noon, minutes: wallMinutes(timeZone, noon - 3 * dayMs, noon + 3 * dayMs) }
})

const caseOf = (which: number) => cases[which] as (typeof cases)[number]

function anyField(values: number): fc.Arbitrary<WallField> {
  const every = Array.from({ length: values }, (_, value) => value)
  const some = (step: number) => new Set(every.filter((value) => value % step === 0))
  const list = fc.uniqueArray(fc.nat({ max: values - 1 }), { minLength: 1, maxLength: 3 })
  return fc.oneof(
    list.map((some) => ({ text: some.join(','), values: new Set(some) })),
    fc.constant({ text: '*', values: new Set(every) }),
    fc
      .integer({ min: 2, max: 30 })
      .filter((step) => step < values)
      .map((step) => ({ text: `*/${step}`, values: some(step) })),
  )
}

const nearChange = fc.record({
  // By number, so that a counterexample is short.
  which: fc.nat({ max: cases.length - 1 }),
  minute: anyField(60),
  // The hours in which clocks are changed, more often than others.
  hour: fc.oneof(
    fc
      .uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 })
      .map((some) => ({ text: some.join(','), values: new Set(some) })),
    anyField(24),
  ),
})

function walk(ticks: Ticks, from: number, to: number): number[] {
  const found: number[] = []
  for (let tick = ticks.after(from); tick !== null && tick <= to; tick = ticks.after(tick)) found.push(tick)
  return found
}

describe('the ticks of a cron expression', () => {
  it('are those that a clock on the wall shows, through every change of clocks', () => {
    fc.assert(
      fc.property(nearChange, ({ which, minute, hour }) => {
        const { timeZone, noon, minutes } = caseOf(which)
        const ticks = ticksOf({ cron: `${minute.text} ${hour.text} * * *`, timeZone })
        const [from, to] = [noon - 1.5 * dayMs, noon + 1.5 * dayMs]
        const expected = dailyTicks(minutes, minute, hour).filter((tick) => tick > from && tick <= to)
        expect(walk(ticks, from, to)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('are the same forwards and backwards, whatever moment they are asked from', () => {
    const from = fc.integer({ min: -dayMs, max: dayMs })
    fc.assert(
      fc.property(nearChange, from, fc.integer({ min: 1, max: 30 }), ({ which, minute, hour }, offset, most) => {
        const { timeZone, noon } = caseOf(which)
        const ticks = ticksOf({ cron: `${minute.text} ${hour.text} * * *`, timeZone })
        const now = noon + offset
        const back = ticks.upTo(now, most)
        const [first] = back
        expect(back.length).toBe(most)
        expect(walk(ticks, (first as number) - 1, now)).toEqual(back)
        expect(ticks.after(now)).toBeGreaterThan(now)
        for (const tick of back) expect(ticks.upTo(tick, 1)).toEqual([tick])
      }),
      { numRuns: 200 },
    )
  })

  const berlin = (cron: string, from: string, count: number) => {
    const ticks = ticksOf({ cron, timeZone: 'Europe/Berlin' })
    const found: string[] = []
    for (let at = Date.parse(from); found.length < count; ) {
      at = ticks.after(at) as number
      found.push(new Date(at).toISOString().slice(5, 16))
    }
    return found
  }

  it('come right after the gap when they are in it, and once when their hour comes twice', () => {
    expect(berlin('30 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T01:00', '03-30T00:30'])
    expect(berlin('15,45 2 * * *', '2026-03-28T12:00:00Z', 2)).toEqual(['03-29T01:00', '03-30T00:15'])
    expect(berlin('30 2 * * *', '2026-10-24T12:00:00Z', 2)).toEqual(['10-25T00:30', '10-26T01:30'])
    expect(berlin('*/30 * * * *', '2026-10-25T00:01:00Z', 4)).toEqual([
      '10-25T00:30',
      '10-25T01:00',
      '10-25T01:30',
      '10-25T02:00',
    ])
  })

  it('know leap days, ends of months and weekdays', () => {
    expect(berlin('0 0 29 2 *', '2026-01-01T00:00:00Z', 2)).toEqual(['02-28T23:00', '02-28T23:00'])
    expect(berlin('0 12 L * *', '2026-01-15T00:00:00Z', 3)).toEqual(['01-31T11:00', '02-28T11:00', '03-31T10:00'])
    expect(berlin('@weekly', '2026-01-01T00:00:00Z', 1)).toEqual(['01-03T23:00'])
  })
})

describe('the ticks of an interval', () => {
  it('lie at its multiples, both ways', () => {
    const anyInterval = fc.record({ everyMs: fc.integer({ min: 1, max: 400 * dayMs }), anchor: fc.nat(2 ** 40) })
    fc.assert(
      fc.property(
        anyInterval,
        fc.integer({ min: -5, max: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timing, count, part) => {
          const ticks = ticksOf(timing)
          const now = timing.anchor + Math.floor((count + part) * timing.everyMs)
          const next = ticks.after(now) as number
          expect(next).toBeGreaterThan(now)
          expect((next - timing.anchor) % timing.everyMs).toBe(0)
          expect(next).toBeGreaterThan(timing.anchor)
          const back = ticks.upTo(now, 3)
          expect(walk(ticks, (back[0] ?? next) - 1, now)).toEqual(back)
        },
      ),
    )
  })
})

describe('the tick of a time', () => {
  it('comes once', () => {
    const ticks = ticksOf({ at: 50 })
    expect([ticks.after(49), ticks.after(50), ticks.upTo(49, 9), ticks.upTo(50, 9)]).toEqual([50, null, [], [50]])
  })
})
