const dayMs = 86_400_000

/** From the first moment to the one after the last. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** The time that a literal means: a moment, a day, or days relative to now. Days are UTC here. Null: not known. */
export function spanOf(literal: string, nowMs: number): Span | null {
  if (/^\d{4}-\d\d-\d\d$/.test(literal)) return days(Date.parse(literal), 1)
  const moment = momentOf(literal)
  if (moment !== null) return { fromMs: moment, toMs: moment }
  const [name = '', count = '0'] = literal.split(':')
  return relative(name, Number(count), startOfDay(nowMs))
}

/** Milliseconds of a date or time as rows hold them; null for anything else. */
export function momentOf(text: unknown): number | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d/.test(text)) return null
  const ms = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(ms) ? null : ms
}

function relative(name: string, count: number, today: number): Span | null {
  switch (name) {
    case 'TODAY':
      return days(today, 1)
    case 'YESTERDAY':
      return days(today - dayMs, 1)
    case 'TOMORROW':
      return days(today + dayMs, 1)
    case 'LAST_N_DAYS':
      return days(today - count * dayMs, count + 1)
    case 'NEXT_N_DAYS':
      return days(today + dayMs, count)
    case 'THIS_WEEK':
      return days(startOfWeek(today), 7)
    case 'LAST_WEEK':
      return days(startOfWeek(today) - 7 * dayMs, 7)
    case 'THIS_MONTH':
      return months(today, 0)
    case 'LAST_MONTH':
      return months(today, -1)
    case 'THIS_YEAR':
      return years(today, 0)
    case 'LAST_YEAR':
      return years(today, -1)
    default:
      return null
  }
}

function days(fromMs: number, count: number): Span {
  return { fromMs, toMs: fromMs + count * dayMs }
}

function months(today: number, shift: number): Span {
  const date = new Date(today)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + shift]
  return { fromMs: Date.UTC(year, month, 1), toMs: Date.UTC(year, month + 1, 1) }
}

function years(today: number, shift: number): Span {
  const year = new Date(today).getUTCFullYear() + shift
  return { fromMs: Date.UTC(year, 0, 1), toMs: Date.UTC(year + 1, 0, 1) }
}

function startOfDay(ms: number): number {
  return ms - (ms % dayMs)
}

function startOfWeek(today: number): number {
  return today - new Date(today).getUTCDay() * dayMs
}
