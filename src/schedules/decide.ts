/**
 * What to do about a schedule, one step at a time, from what is known and the time. Each step moves the cursor on in the
 * commit that carries it out, so whoever is killed between two steps goes on with the next one.
 */
import type { ScheduleRecord, Standing, Unsettled } from '../journal/schedules.ts'
import { dueTicks, fireAt, standingAt } from './fire-times.ts'
import { ticksOf } from './ticks.ts'

/** Ticks that `catchUp: all` fires at once. */
export const mostCaughtUp = 100
/** Ticks that are looked at, and so counted when they were missed. */
export const mostLookedAt = 200
/** A tick that fires no later than this was not missed. */
export const onTimeMs = 60_000
/** A clock that was set back by less goes on to where it was; by more, times come again, but no tick fires again that is remembered. */
export const setBackMs = 600_000

export type Step =
  | { readonly do: 'wait'; readonly standing: Standing }
  /** The clock was set back. */
  | { readonly do: 'rewind'; readonly standing: Standing }
  | { readonly do: 'miss'; readonly tick: number; readonly ticks: number; readonly standing: Standing }
  | { readonly do: 'skip'; readonly tick: number; readonly because: string; readonly standing: Standing }
  | { readonly do: 'fire'; readonly tick: number; readonly replaces: readonly string[]; readonly standing: Standing }

export function decide(schedule: ScheduleRecord, unsettled: readonly Unsettled[], now: number): Step {
  const { cursor } = schedule
  if (cursor > now + setBackMs) return { do: 'rewind', standing: standingAt(schedule, now) }
  const due = schedule.paused ? [] : dueTicks(schedule, cursor, now, mostLookedAt)
  const wanted = wantedOf(schedule, due, now)
  const missed = due.slice(0, due.length - wanted.length)
  const [lastMissed, tick] = [missed.at(-1), wanted[0]]
  if (lastMissed !== undefined) {
    return { do: 'miss', tick: lastMissed, ticks: missed.length, standing: standingAt(schedule, lastMissed) }
  }
  if (tick === undefined) return { do: 'wait', standing: standingAt(schedule, cursor) }
  const standing = standingAt(schedule, tick)
  const { because, replaces } = overlapOf(schedule, unsettled)
  return because === null ? { do: 'fire', tick, replaces, standing } : { do: 'skip', tick, because, standing }
}

/** Of the ticks that are due the newest ones that are to be fired. */
function wantedOf(schedule: ScheduleRecord, due: readonly number[], now: number): readonly number[] {
  const newest = due.slice(-1)
  switch (schedule.catchUp) {
    case 'all':
      return due.slice(-mostCaughtUp)
    case 'latest':
      return newest
    case 'none':
      return newest.filter((tick) => now - fireAt(schedule, ticksOf(schedule.timing), tick) <= onTimeMs)
  }
}

/** The task that forbids another one now, or those that have to make room for it. */
export interface Overlapping {
  readonly because: string | null
  readonly replaces: readonly string[]
}

export function overlapOf({ overlap }: Pick<ScheduleRecord, 'overlap'>, unsettled: readonly Unsettled[]): Overlapping {
  const because = overlap === 'skip' ? (unsettled[0]?.id ?? null) : null
  const replaced = overlap === 'replace' ? unsettled.filter(({ cancelRequested }) => !cancelRequested) : []
  return { because, replaces: replaced.map(({ id }) => id) }
}
