/** What cron and the change of clocks should come to, minute by minute: slow, and too simple to be wrong. */

const minuteMs = 60_000

export interface WallField {
  readonly text: string
  readonly values: ReadonlySet<number>
}

/** Whether the field is one of fixed times: then what a gap leaves out comes after it, and what comes twice comes once. */
const isFixed = ({ text }: WallField) => !text.includes('*')

interface Wall {
  readonly day: string
  readonly minuteOfDay: number
}

/** Every minute from one time up to another as clocks on the wall show it. */
export function wallMinutes(timeZone: string, from: number, to: number): readonly (Wall & { readonly at: number })[] {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const minutes = []
  for (let at = from; at <= to; at += minuteMs) {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
    const day = `${parts.year}-${parts.month}-${parts.day}`
    minutes.push({ at, day, minuteOfDay: Number(parts.hour) * 60 + Number(parts.minute) })
  }
  return minutes
}

/** The ticks of a daily expression on days that lie wholly among these minutes. */
export function dailyTicks(minutes: ReturnType<typeof wallMinutes>, minute: WallField, hour: WallField): number[] {
  const fits = ({ minuteOfDay }: Wall) =>
    minute.values.has(minuteOfDay % 60) && hour.values.has(Math.floor(minuteOfDay / 60))
  if (!isFixed(minute) || !isFixed(hour)) return minutes.filter(fits).map(({ at }) => at)
  const found = new Set<number>()
  for (const day of new Set(minutes.map((one) => one.day))) {
    const ofDay = minutes.filter((one) => one.day === day)
    for (const h of hour.values) {
      for (const m of minute.values) {
        const wanted = h * 60 + m
        const first =
          ofDay.find(({ minuteOfDay }) => minuteOfDay === wanted) ??
          ofDay.find(({ minuteOfDay }) => minuteOfDay > wanted)
        const next = first ?? minutes.find((one) => one.day > day)
        if (next) found.add(next.at)
      }
    }
  }
  return [...found].sort((a, b) => a - b)
}
