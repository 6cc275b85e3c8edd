import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAYS, type Hours, openingAt } from '../../src/schedule/hours.ts'

const minuteMs = 60_000

/** The model: what a clock shows, by another way of asking, and whether that is within. */
function isOpenByTheWall({ days = DAYS, from, to }: Hours, timeZone: string, at: number): boolean {
  const [date = '', time = ''] = new Date(at).toLocaleString('sv-SE', { timeZone }).split(' ')
  const now = time.slice(0, 5)
  const day = (back: number) => DAYS[(new Date(`${date}T12:00:00Z`).getUTCDay() + 6 - back) % 7] ?? 'mon'
  const began = (back: number) => days.includes(day(back))
  if (from < to) return began(0) && from <= now && now < to
  return (began(0) && from <= now) || (began(1) && now < to)
}

/** Every opening and closing from one moment to another, as whoever waits for `until` sees them. */
function turnsOf(hours: readonly Hours[], timeZone: string, from: number, to: number): string[] {
  const seen: string[] = []
  let was: boolean | undefined
  for (let at: number | undefined = from; at !== undefined && at <= to; at = openingAt(hours, timeZone, at).until) {
    const { isOpen } = openingAt(hours, timeZone, at)
    if (isOpen !== was) seen.push(`${isOpen ? 'open' : 'closed'} ${new Date(at).toISOString().slice(0, 16)}`)
    was = isOpen
  }
  return seen
}

const night = { from: '22:00', to: '06:00' }

describe('windows', () => {
  it('last over midnight, and belong to the day on which they begin', () => {
    const fridays = { ...night, days: ['fri'] as const }
    // 2026-03-06 is a Friday.
    expect(turnsOf([fridays], 'UTC', Date.parse('2026-03-05T00:00Z'), Date.parse('2026-03-12T00:00Z'))).toEqual([
      'closed 2026-03-05T00:00',
      'open 2026-03-06T22:00',
      'closed 2026-03-07T06:00',
    ])
  })

  it('are open all day from a time to the same', () => {
    const weekend = [{ days: ['sat', 'sun'] as const, from: '10:00', to: '10:00' }]
    expect(turnsOf(weekend, 'UTC', Date.parse('2026-03-06T00:00Z'), Date.parse('2026-03-12T00:00Z'))).toEqual([
      'closed 2026-03-06T00:00',
      'open 2026-03-07T10:00',
      'closed 2026-03-09T10:00',
    ])
  })

  it('that touch or overlap are one, and none at all is always open', () => {
    const two = [night, { from: '05:00', to: '07:00' }, { from: '07:00', to: '08:00' }]
    const seen = turnsOf(two, 'UTC', Date.parse('2026-03-06T12:00Z'), Date.parse('2026-03-07T12:00Z'))
    expect(seen.slice(1)).toEqual(['open 2026-03-06T22:00', 'closed 2026-03-07T08:00'])
    expect(openingAt([], 'UTC', 0)).toEqual({ isOpen: true, until: undefined })
  })

  it('go by their own time zone before the tenant’s', () => {
    const noon = Date.parse('2026-01-15T12:00Z')
    expect(openingAt([{ from: '20:00', to: '22:00', timeZone: 'Asia/Tokyo' }], 'UTC', noon).isOpen).toBe(true)
    expect(openingAt([{ from: '20:00', to: '22:00' }], 'Asia/Tokyo', noon).isOpen).toBe(true)
    expect(openingAt([{ from: '20:00', to: '22:00' }], 'UTC', noon).isOpen).toBe(false)
  })
})

describe('where clocks are set', () => {
  const of = (hours: Hours, timeZone: string, from: string, to: string) =>
    turnsOf([hours], timeZone, Date.parse(from), Date.parse(to)).slice(1)

  it('a night is an hour shorter or longer', () => {
    const berlin = (from: string, to: string) => of(night, 'Europe/Berlin', from, to)
    expect(berlin('2026-03-28T12:00Z', '2026-03-29T12:00Z')).toEqual([
      'open 2026-03-28T21:00',
      'closed 2026-03-29T04:00',
    ])
    expect(berlin('2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([
      'open 2026-10-24T20:00',
      'closed 2026-10-25T05:00',
    ])
  })

  it('what begins in the hour that is left out begins after it, if it has not ended by then', () => {
    const berlin = (from: string, to: string) =>
      of({ from, to }, 'Europe/Berlin', '2026-03-28T12:00Z', '2026-03-29T12:00Z')
    expect(berlin('02:30', '03:15')).toEqual(['open 2026-03-29T01:00', 'closed 2026-03-29T01:15'])
    expect(berlin('02:15', '02:45')).toEqual([])
    expect(berlin('01:30', '02:30')).toEqual(['open 2026-03-29T00:30', 'closed 2026-03-29T01:00'])
  })

  it('what lies in the hour that comes twice opens twice', () => {
    expect(of({ from: '02:15', to: '02:45' }, 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([
      'open 2026-10-25T00:15',
      'closed 2026-10-25T00:45',
      'open 2026-10-25T01:15',
      'closed 2026-10-25T01:45',
    ])
  })

  it('midnight may be left out, as it was in São Paulo', () => {
    const seen = of({ from: '00:00', to: '02:00' }, 'America/Sao_Paulo', '2018-11-03T12:00Z', '2018-11-04T12:00Z')
    expect(seen).toEqual(['open 2018-11-04T03:00', 'closed 2018-11-04T04:00'])
  })

  it('it may be by half an hour only, as on Lord Howe Island', () => {
    const seen = of({ from: '01:45', to: '02:15' }, 'Australia/Lord_Howe', '2026-10-03T03:00Z', '2026-10-04T03:00Z')
    expect(seen).toEqual(['open 2026-10-03T15:15', 'closed 2026-10-03T15:30'])
  })

  const time = fc.record({ hour: fc.integer({ min: 0, max: 23 }), quarter: fc.integer({ min: 0, max: 3 }) })
  const text = time.map(
    ({ hour, quarter }) => `${String(hour).padStart(2, '0')}:${String(quarter * 15).padStart(2, '0')}`,
  )
  const window = fc.record(
    { from: text, to: text, days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }) },
    { requiredKeys: ['from', 'to'] },
  )
  /** Noon before the night in which clocks are set, and any other. */
  const nights = fc.constantFrom<[string, string]>(
    ['Europe/Berlin', '2026-03-28T11:00Z'],
    ['Europe/Berlin', '2026-10-24T10:00Z'],
    ['America/Sao_Paulo', '2018-11-03T15:00Z'],
    ['America/Sao_Paulo', '2018-02-17T14:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T01:30Z'],
    ['Australia/Lord_Howe', '2026-04-04T01:00Z'],
    ['Asia/Kathmandu', '2026-06-01T06:15Z'],
  )

  it('windows are open whenever a clock on the wall says so, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), nights, (hours, [timeZone, noon]) => {
        let next = openingAt(hours, timeZone, Date.parse(noon))
        for (let at = Date.parse(noon); at < Date.parse(noon) + 36 * 60 * minuteMs; at += 15 * minuteMs) {
          while (next.until !== undefined && next.until <= at) next = openingAt(hours, timeZone, next.until)
          expect(next.isOpen).toBe(hours.some((one) => isOpenByTheWall(one, timeZone, at)))
        }
      }),
      { numRuns: 60 },
    )
  })
})
