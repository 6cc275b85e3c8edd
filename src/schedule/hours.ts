/** Times of the week at which something is open, by the clock on a wall: safe where clocks are set forward or back. */
import { Cron } from 'croner'

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

function oneAt({ days = DAYS, from, to }: Hours, timeZone: string, now: number): Opening {
  const endsNextDay = to <= from
  const opens = nextAt(from, days, timeZone, now)
  const closes = nextAt(to, endsNextDay ? days.map(dayAfter) : days, timeZone, now)
  // Beginnings and ends alternate: what comes next tells where between them this is.
  const isOpen = closes !== undefined && (opens === undefined || closes <= opens)
  return { isOpen, until: least([opens, closes].filter((at) => at !== undefined)) }
}

/** Strictly after `now`. */
function nextAt(time: string, days: readonly Day[], timeZone: string, now: number): number | undefined {
  const [hour = '0', minute = '0'] = time.split(':')
  const pattern = `${Number(minute)} ${Number(hour)} * * ${days.join(',').toUpperCase()}`
  return new Cron(pattern, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(now))?.getTime()
}

function dayAfter(day: Day): Day {
  return DAYS[(DAYS.indexOf(day) + 1) % DAYS.length] as Day
}

function least(times: readonly number[]): number | undefined {
  return times.length > 0 ? Math.min(...times) : undefined
}
