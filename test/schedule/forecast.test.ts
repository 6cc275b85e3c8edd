import { describe, expect, it, test } from 'vitest'
import type { Station } from '../../src/schedule/course.ts'
import { type Forecast, forecast, type Outlook } from '../../src/schedule/forecast.ts'
import type { Likely } from '../../src/schedule/likely.ts'
import { calibration, foreseen, type Kind, type Traffic } from './traffic.ts'

const exactly = (seconds: number): Likely => ({ mean: seconds, deviation: 0, draw: () => seconds })
const nothing: Station = { taken: [], free: 0, aside: undefined, ahead: [], comers: [], opensIn: Infinity }
const batch = (count: number, seconds: number, mayAside = false) => ({ count, likely: exactly(seconds), mayAside })

const outlook = (stations: readonly Partial<Station>[], but: Partial<Outlook> = {}): Outlook => ({
  notBeforeSeconds: 0,
  stations: stations.map((station) => ({ ...nothing, ...station })),
  run: exactly(7),
  ...but,
})

const startOf = (stations: readonly Partial<Station>[], but: Partial<Outlook> = {}) =>
  forecast(outlook(stations, but)).start.p50Seconds

describe('a task', () => {
  it('that finds a free place starts at once, and ends when its kind does', () => {
    const all: Forecast = { start: { p50Seconds: 0, p90Seconds: 0 }, end: { p50Seconds: 7, p90Seconds: 7 } }
    expect(forecast(outlook([{ free: 1 }]))).toEqual(all)
  })

  it('takes the first place that becomes free, after all that is ahead', () => {
    const taken = [exactly(30), exactly(10)]
    expect(startOf([{ taken }])).toBe(10)
    expect(startOf([{ taken, ahead: [batch(1, 5)] }])).toBe(15)
    expect(startOf([{ taken, ahead: [batch(5, 5)] }])).toBe(30)
    expect(startOf([{ taken, ahead: [batch(6, 5)] }])).toBe(35)
  })

  it('does not get places that are to be given up', () => {
    expect(startOf([{ taken: [exactly(10), exactly(20), exactly(30)], free: -2 }])).toBe(30)
  })

  it('lets those ahead take the places first that it may not have itself', () => {
    const station = { taken: [exactly(10)], aside: { taken: [], free: 1 } }
    expect(startOf([{ ...station, ahead: [batch(1, 50, true)] }])).toBe(10)
    expect(startOf([{ ...station, ahead: [batch(1, 50, false)] }])).toBe(60)
  })

  it('waits at the station that takes longest, for its time, and no longer than until a station opens', () => {
    expect(startOf([{ free: 1 }, { taken: [exactly(40)] }])).toBe(40)
    expect(startOf([{ free: 1 }], { notBeforeSeconds: 90 })).toBe(90)
    expect(startOf([{ taken: [exactly(40)], opensIn: 25 }])).toBe(25)
    expect(startOf([{}])).toBe(Infinity)
  })

  it('is passed by what comes, by no more than may', () => {
    const comers = [{ perSecond: 10, most: 3, likely: exactly(20), mayAside: false }]
    expect(startOf([{ taken: [exactly(10)], comers }])).toBe(70)
  })

  it('far behind is foreseen in few steps, as the sum of what is ahead', () => {
    const seconds = startOf([{ free: 10, ahead: [batch(1_000_000, 5)] }])
    expect(Math.abs(seconds / 500_000 - 1)).toBeLessThan(0.05)
  })

  it('with no end to what passes it gets an answer all the same', () => {
    const comers = [{ perSecond: 1_000, most: Infinity, likely: exactly(20), mayAside: false }]
    expect(startOf([{ taken: [exactly(10)], comers }])).toBeGreaterThan(1_000)
  })
})

test('the same picture gives the same answer', () => {
  const uncertain: Likely = { mean: 10, deviation: 5, draw: (random) => 20 * random() }
  const picture = outlook([
    { taken: [uncertain, uncertain], ahead: [{ count: 4, likely: uncertain, mayAside: false }] },
  ])
  expect(forecast(picture)).toEqual(forecast(picture))
})

const kinds: readonly Kind[] = [
  { kind: 'lint', pool: 'critical', medianSeconds: 4, spread: 0.5 },
  { kind: 'exec', pool: 'normal', medianSeconds: 20, spread: 0.8 },
  { kind: 'test', pool: 'normal', medianSeconds: 60, spread: 0.4 },
  { kind: 'backup', pool: 'batch', medianSeconds: 90, spread: 0.6 },
]

describe('in random traffic, of tasks that only wait for their turn', () => {
  const traffic = { seed: 1, terms: { sharedSlots: 6 }, tenants: 8, kinds, load: 0.85, burst: 8, hours: 6 }

  it.each<[string, Partial<Traffic>]>([
    ['in bursts', {}],
    ['of two tenants', { tenants: 2 }],
    ['with a pool that keeps slots', { terms: { sharedSlots: 6, pools: { batch: { min: 1 } } } }],
  ])(
    '%s, nine of ten start before the later time, and half before the earlier',
    (_, own) => {
      const all = [1, 2, 3].flatMap((seed) => foreseen({ ...traffic, ...own, seed }))
      const { count, start50, start90, end50, end90 } = calibration(all)
      expect(count).toBeGreaterThan(250)
      for (const share of [start90, end90]) {
        expect(share).toBeGreaterThanOrEqual(0.8)
        expect(share).toBeLessThanOrEqual(0.97)
      }
      for (const share of [start50, end50]) {
        expect(share).toBeGreaterThan(0.4)
        expect(share).toBeLessThan(0.67)
      }
    },
    120_000,
  )
})
