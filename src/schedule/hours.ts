/** Times of the week at which something is open, by the clock on a wall: safe where clocks are set forward or back. */

const dayMs = 86_400_000

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export type Day = (typeof DAYS)[number]

/** From one time of the day to another; to the same or an earlier one it ends on the next day. */
export interface Hours {
  /** On which it begins; all when left out. */
  readonly days?: readonly Day[]
  /** `HH:MM`. */
  readonly from: string
  readonly to: string
  /** IANA name; the tenant's own when left out. */
  readonly timeZone?: string
  /** What still runs when it ends: it may finish, or is preempted. */
  readonly atEnd?: 'finish' | 'preempt'
}

export interface Opening {
  readonly isOpen: boolean
  /** When that is next something else, in milliseconds since 1970; undefined when never. */
  readonly until: number | undefined
}

const always: Opening = { isOpen: true, until: undefined }

/** Whether any of these is open at a moment; where there are none it always is. */
export function openingAt(hours: readonly Hours[], timeZone: string, now: number): Opening {
  if (hours.length === 0) return always
  const all = hours.map((one) => oneAt(one, one.timeZone ?? timeZone, now))
  const isOpen = all.some((one) => one.isOpen)
  const ends = all.flatMap(({ isOpen, until }) => (isOpen || until === undefined ? [] : [until]))
  const own = all.flatMap(({ isOpen, until }) => (isOpen && until !== undefined ? [until] : []))
  // Open until something closes, perhaps only to find that another is open then; closed until the first opens.
  return { isOpen, until: least(isOpen ? own : ends) }
}

function oneAt(one: Hours, timeZone: string, now: number): Opening {
  const wall = wallClock(timeZone)
  const shown = wall(now)
  const midnight = Math.floor(shown / dayMs) * dayMs
  const turns = [midnight, midnight + dayMs].flatMap((day) => [day + timeOf(one.from), day + timeOf(one.to)])
  const next = now + Math.min(...turns.filter((turn) => turn > shown)) - shown
  const isSteady = wall(next) - next === shown - now
  return { isOpen: isWithin(one, shown), until: isSteady ? next : whenSet(wall, now, next) }
}

/** By what the clock shows: a time that it leaves out opens nothing, and one that it shows twice does so twice. */
function isWithin({ days = DAYS, from, to }: Hours, shown: number): boolean {
  const time = shown - Math.floor(shown / dayMs) * dayMs
  const beginsOn = (ms: number) => days.includes(dayOf(ms))
  if (from < to) return beginsOn(shown) && timeOf(from) <= time && time < timeOf(to)
  return (beginsOn(shown) && timeOf(from) <= time) || (beginsOn(shown - dayMs) && time < timeOf(to))
}

/** What a clock on a wall shows at a moment, in milliseconds as if it were UTC. */
function wallClock(timeZone: string): (at: number) => number {
  const part = 'numeric'
  const parts = { year: part, month: part, day: part, hour: part, minute: part, second: part } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', hourCycle: 'h23', ...parts })
  return (at) => {
    const shown = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
    return Date.UTC(year, month - 1, day, hour, minute, second) + (at - Math.floor(at / 1000) * 1000)
  }
}

/** When the clock is set forward or back between two moments: at the first it has not been yet, at the second it has. */
function whenSet(wall: (at: number) => number, from: number, to: number): number {
  const ahead = wall(from) - from
  let [before, after] = [from, to]
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (wall(middle) - middle === ahead) before = middle
    else after = middle
  }
  return after
}

function timeOf(text: string): number {
  const [hour, minute] = text.split(':')
  return (Number(hour) * 60 + Number(minute)) * 60_000
}

function dayOf(shown: number): Day {
  // 1970 began on a Thursday.
  return DAYS[(Math.floor(shown / dayMs) + 3) % 7] as Day
}

function least(times: readonly number[]): number | undefined {
  return times.length > 0 ? Math.min(...times) : undefined
}
