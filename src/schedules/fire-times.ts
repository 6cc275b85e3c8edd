import { hash } from 'node:crypto'
import type { ScheduleRecord, Standing } from '../journal/schedules.ts'
import { type Ticks, ticksOf } from './ticks.ts'

/** What decides when a schedule fires. */
export type Fires = Pick<ScheduleRecord, 'id' | 'timing' | 'jitterMs' | 'paused'>

const fractionBytes = 6

/** From 0 up to 1, the same for a tick whenever it is asked for: a restart in between changes nothing. */
function fractionOf(id: string, tick: number): number {
  const bytes = hash('sha256', `${id} ${tick}`, 'buffer')
  return bytes.readUIntBE(0, fractionBytes) / 256 ** fractionBytes
}

/** When a tick fires: by chance within the jitter, and always before the next tick, so that they keep their order. */
export function fireAt({ id, jitterMs }: Pick<Fires, 'id' | 'jitterMs'>, ticks: Ticks, tick: number): number {
  if (jitterMs === 0) return tick
  const roomMs = Math.min(jitterMs, (ticks.after(tick) ?? Infinity) - tick)
  return tick + Math.floor(fractionOf(id, tick) * roomMs)
}

/** Where a schedule stands once the ticks up to the cursor are over. */
export function standingAt(fires: Fires, cursor: number): Standing {
  if (fires.paused) return { cursor, nextAt: null }
  const ticks = ticksOf(fires.timing)
  const next = ticks.after(cursor)
  return { cursor, nextAt: next === null ? null : fireAt(fires, ticks, next) }
}

/**
 * The ticks that are due and not over, the oldest first: the newest so many of them. Walks forward from the cursor while
 * that is short, as it nearly always is, and looks back from now after a long absence.
 */
export function dueTicks(fires: Fires, cursor: number, now: number, most: number): readonly number[] {
  const ticks = ticksOf(fires.timing)
  const due: number[] = []
  for (let tick = ticks.after(cursor); tick !== null && tick <= now; tick = ticks.after(tick)) {
    if (due.push(tick) > most) break
  }
  const newest = due.length > most ? ticks.upTo(now, most + 1) : due
  const last = newest.at(-1)
  const isEarly = last !== undefined && fireAt(fires, ticks, last) > now
  return (isEarly ? newest.slice(0, -1) : newest).slice(-most)
}

/** The next times, without jitter. */
export function nextTicks({ timing, paused }: Fires, after: number, most: number): readonly number[] {
  const ticks = ticksOf(timing)
  const found: number[] = []
  for (let tick = paused ? null : ticks.after(after); tick !== null && found.length < most; tick = ticks.after(tick)) {
    found.push(tick)
  }
  return found
}
