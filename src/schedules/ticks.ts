/**
 * When a schedule ticks: times in milliseconds since 1970, whole seconds for cron. A fixed time of day that a change of
 * clocks leaves out ticks at the first moment after the gap, and one that comes twice ticks the first time; with a `*` or
 * a step in minute or hour it ticks at every moment that fits, so not in a gap and in both hours that have the same name.
 */
import { Cron } from 'croner'
import type { Timing } from '../journal/schedules.ts'

export interface Ticks {
  /** The first after this time; null when there is none. */
  after(time: number): number | null
  /** The newest up to this time, so many at most, the oldest first. */
  upTo(time: number, most: number): readonly number[]
}

export function ticksOf(timing: Timing): Ticks {
  if ('cron' in timing) return cronTicks(cronOf(timing))
  if ('everyMs' in timing) return everyTicks(timing.everyMs, timing.anchor)
  return singleTick(timing.at)
}

/** Throws croner's error when it is not written right. */
export function cronOf({ cron, timeZone }: Extract<Timing, { cron: string }>): Cron {
  return new Cron(cron, { timezone: timeZone, mode: '5-part', fixedTimeRule: 'no-wildcard', paused: true })
}

const secondMs = 1_000

function cronTicks(cron: Cron): Ticks {
  return {
    after: (time) => cron.nextRun(new Date(time))?.getTime() ?? null,
    upTo(time, most) {
      // What croner finds lies before the whole second that it is given.
      const endOfSecond = (Math.floor(time / secondMs) + 1) * secondMs
      return cron
        .previousRuns(most, new Date(endOfSecond))
        .map((date) => date.getTime())
        .reverse()
    },
  }
}

function everyTicks(everyMs: number, anchor: number): Ticks {
  const countAt = (time: number) => Math.floor((time - anchor) / everyMs)
  const at = (count: number) => anchor + count * everyMs
  return {
    after: (time) => at(Math.max(1, countAt(time) + 1)),
    upTo(time, most) {
      const last = countAt(time)
      const first = Math.max(1, last - most + 1)
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => at(first + index))
    },
  }
}

function singleTick(at: number): Ticks {
  return {
    after: (time) => (at > time ? at : null),
    upTo: (time, most) => (at <= time && most > 0 ? [at] : []),
  }
}
