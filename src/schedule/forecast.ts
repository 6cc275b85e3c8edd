/**
 * When a task that waits will start, and end: a pure forecast by simulation.
 *
 *     stations   whatever it needs a place in: the slots of its pool, its concurrency key, the limits of its tenant and
 *                kind. Of each is known what holds its places now, what will take one before the task does, and what
 *                may still come and be served first (`outlook.ts`)
 *     a course   at each station the places become free one after the other; each is taken by what is ahead, for a time
 *                drawn from the last attempts of its kind, until it is the task's turn. It starts when it has a place at
 *                every station, and no sooner than its time and its windows allow
 *     the answer the middle and the ninth tenth of many courses, by a random source of its own: the same picture of the
 *                board gives the same answer
 *
 * What is far ahead is drawn in groups, and so is what comes the later it comes, so that a course takes a bounded number
 * of steps however much waits. It does not know what has never come before, and takes the stations for independent. Of
 * tasks that had to wait in the simulator, steady and in bursts, up to more than all slots can do, 86 to 95 % of a pool
 * started before the later time and 38 to 64 % before the earlier: foresight.test.ts in test/simulate.
 */
import { type Station, startAt } from './course.ts'
import { type Likely, sourceOf } from './likely.ts'

export interface Outlook {
  /** It cannot start sooner, in seconds from now. */
  readonly notBeforeSeconds: number
  readonly stations: readonly Station[]
  /** How long it will run. */
  readonly run: Likely
}

/** Seconds from now. */
export interface Span {
  readonly p50Seconds: number
  readonly p90Seconds: number
}

export interface Forecast {
  readonly start: Span
  readonly end: Span
}

const courses = 50

export function forecast(outlook: Outlook): Forecast {
  const random = sourceOf(1)
  const starts: number[] = []
  const ends: number[] = []
  for (let course = 0; course < courses; course += 1) {
    const start = Math.max(outlook.notBeforeSeconds, ...outlook.stations.map((one) => startAt(one, random)))
    starts.push(start)
    ends.push(start + outlook.run.draw(random))
  }
  return { start: spanOf(starts), end: spanOf(ends) }
}

/** The middle and the ninth tenth of what something may take. */
export function spanOfLikely(likely: Likely): Span {
  const random = sourceOf(1)
  return spanOf(Array.from({ length: courses }, () => likely.draw(random)))
}

function spanOf(seconds: readonly number[]): Span {
  const sorted = seconds.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
  return { p50Seconds: at(0.5), p90Seconds: at(0.9) }
}
