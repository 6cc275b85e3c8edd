/**
 * How many of the shared slots are used: a pure decision over what the last one left, what is wanted, and how hard the
 * machine is pressed.
 *
 *     memory is short    half of what runs: what takes too much memory is killed, or stops all others
 *     it is nearly gone  none, so long as something of ours runs that may give some back; then one, because to wait on
 *                        would help nobody
 *     overloaded         one step less, down to a quarter: on CPUs that are shared everything only takes longer, and
 *                        whoever yields all of his share to others never gets anything done
 *     easy               one step more, if a task waits for a slot; all of them when nothing pressed for long, because
 *                        what was learnt then is not true any more
 *     between            nothing
 *
 * It does not flutter: there is a band between harm and ease, a time between changes, longer before more than before
 * less, and twice as long each time that more was too much. Nothing is taken away while more runs than is used: what was
 * decided before has not come into effect. The slots of the critical pool are none of the shared ones: they stay.
 */
import type { Level, Strain } from '../process/strain.ts'

/** Times are monotonic, in milliseconds. */
export interface ScalingState {
  readonly changedAt: number
  /** When there was harm last. */
  readonly pressedAt: number
  /** So long after a change there is no more. */
  readonly patienceMs: number
  readonly wasMore: boolean
}

export interface ScalingTerms {
  /** So often the machine is looked at. */
  readonly sampleMs: number
  /** From one change to the next that takes some away: by then what the kernel averages shows what it did. */
  readonly lessEveryMs: Readonly<Record<'memory' | 'load', number>>
  /** The same for one that gives some, at the least and at the most. */
  readonly moreEveryMs: readonly [least: number, most: number]
  /** None is used no longer than this while nothing runs. */
  readonly noneMs: number
  /** So long without harm, and there was none. */
  readonly forgetMs: number
}

export const scalingTerms: ScalingTerms = {
  sampleMs: 5_000,
  lessEveryMs: { memory: 10_000, load: 30_000 },
  moreEveryMs: [15_000, 240_000],
  noneMs: 60_000,
  forgetMs: 600_000,
}

/** Of the shared slots. */
export interface Slots {
  readonly most: number
  readonly usable: number
  /** By what runs, also more than are usable. */
  readonly taken: number
  /** A task waits for a slot, and for nothing else. */
  readonly isCrowded: boolean
}

export interface Scaled {
  readonly usable: number
  /** Why that is another number; null when it is the same. */
  readonly reason: string | null
  readonly state: ScalingState
}

/** One that was made, in milliseconds since 1970. */
export interface Change {
  readonly at: number
  readonly from: number
  readonly to: number
  readonly reason: string
}

export function unscaled(terms: ScalingTerms): ScalingState {
  const never = Number.NEGATIVE_INFINITY
  return { changedAt: never, pressedAt: never, patienceMs: terms.moreEveryMs[0], wasMore: false }
}

export function scale(state: ScalingState, slots: Slots, strain: Strain, terms: ScalingTerms, now: number): Scaled {
  const known = recall(state, strain.level, terms, now)
  const wanted = wantedOf(known, slots, strain.level, terms, now)
  if (wanted === slots.usable || !isTime(known, wanted > slots.usable, strain.level, terms, now)) {
    return { usable: slots.usable, reason: null, state: known }
  }
  const isMore = wanted > slots.usable
  return { usable: wanted, reason: reasonOf(strain, isMore), state: changed(known, isMore, terms, now) }
}

function recall(state: ScalingState, level: Level, { forgetMs, moreEveryMs }: ScalingTerms, now: number): ScalingState {
  if (isHarm(level)) return { ...state, pressedAt: now }
  return now - state.pressedAt >= forgetMs ? { ...state, patienceMs: moreEveryMs[0] } : state
}

function wantedOf(state: ScalingState, slots: Slots, level: Level, terms: ScalingTerms, now: number): number {
  const { most, usable, taken, isCrowded } = slots
  const step = Math.ceil(most / 8)
  const isSettled = taken <= usable
  switch (level) {
    case 'gone':
      return usable === 0 && taken === 0 && isCrowded ? 1 : 0
    case 'short':
      if (usable === 0) return isCrowded ? 1 : 0
      return isSettled ? Math.max(1, Math.floor(taken / 2)) : usable
    case 'loaded':
      if (usable === 0) return isCrowded ? 1 : 0
      return isSettled ? Math.max(Math.min(usable, Math.ceil(most / 4)), usable - step) : usable
    case 'tense':
      return usable === 0 && isCrowded ? 1 : usable
    case 'easy':
      if (!isCrowded) return usable
      return now - state.pressedAt >= terms.forgetMs ? most : Math.min(most, usable + step)
  }
}

function isTime(state: ScalingState, isMore: boolean, level: Level, terms: ScalingTerms, now: number): boolean {
  const sinceMs = now - state.changedAt
  if (!isMore) return sinceMs >= terms.lessEveryMs[level === 'loaded' ? 'load' : 'memory']
  if (level === 'gone') return sinceMs >= terms.noneMs
  if (level !== 'easy') return sinceMs >= terms.moreEveryMs[0]
  return sinceMs >= state.patienceMs && now - state.pressedAt >= terms.moreEveryMs[0]
}

/** More that had to be taken back was too much: the next time it takes longer. */
function changed(state: ScalingState, isMore: boolean, { moreEveryMs }: ScalingTerms, now: number): ScalingState {
  const wasTooMuch = !isMore && state.wasMore
  const patienceMs = wasTooMuch ? Math.min(2 * state.patienceMs, moreEveryMs[1]) : state.patienceMs
  return { ...state, changedAt: now, patienceMs, wasMore: isMore }
}

function reasonOf({ level, reason }: Strain, isMore: boolean): string {
  if (!isMore) return reason
  if (level === 'easy') return `${reason}, and tasks wait for a slot`
  return `${reason}, but nothing is gained when nothing runs`
}

function isHarm(level: Level): boolean {
  return level === 'gone' || level === 'short' || level === 'loaded'
}
