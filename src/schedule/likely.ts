/** Durations that are not known yet, drawn from those of earlier attempts. */
import { type History, unknownEndSeconds, unknownSeconds } from './history.ts'

/** 0 ≤ random < 1. */
export type Random = () => number

/** What it may take, in seconds. */
export interface Likely {
  readonly mean: number
  readonly deviation: number
  draw(random: Random): number
}

/** Attempts of which the guess counts no more. */
const manyRuns = 20
/** How far off a guess may be: so many times as much or as little, two times out of three. */
const guessFactor = 2.5

/** How long an attempt of a kind takes. */
export function likelyRun(history: Pick<History, 'secondsOf'>, kind: string): Likely {
  return likelyRest(history, kind, 0)
}

/** How long one still takes that has run for so long: as those did that took longer, or about as long again. */
export function likelyRest(history: Pick<History, 'secondsOf'>, kind: string, elapsedSeconds: number): Likely {
  const all = history.secondsOf(kind)
  const from = elapsedSeconds > 0 ? firstAbove(all, elapsedSeconds) : 0
  const [known, guess] = [all.length - from, guessed(all, elapsedSeconds)]
  const count = Math.max(1, known)
  const restAt = (index: number) => (known > 0 ? (all[from + index] as number) - elapsedSeconds : guess)
  const doubt = count < manyRuns ? Math.log(guessFactor) / Math.sqrt(1 + (count * 12) / manyRuns) : 0
  return {
    ...momentsOf(count, restAt, doubt),
    draw(random) {
      const rest = restAt(Math.floor(random() * count))
      return doubt > 0 ? rest * Math.exp(doubt * normal(random)) : rest
    },
  }
}

function momentsOf(count: number, at: (index: number) => number, doubt: number) {
  let [sum, squares] = [0, 0]
  for (let index = 0; index < count; index += 1) {
    sum += at(index)
    squares += at(index) ** 2
  }
  const mean = sum / count
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean ** 2) + (mean * doubt) ** 2) }
}

/** How long something still takes to end that was asked to make room so long ago, or is asked in so many seconds. */
export function likelyEnd(history: Pick<History, 'endSeconds'>, { sinceSeconds = 0, inSeconds = 0 }): Likely {
  const rest = likelyRest({ secondsOf: () => orGuess(history.endSeconds) }, '', sinceSeconds)
  return { ...rest, mean: inSeconds + rest.mean, draw: (random) => inSeconds + rest.draw(random) }
}

function orGuess(seconds: readonly number[]): readonly number[] {
  return seconds.length > 0 ? seconds : [unknownEndSeconds]
}

/** Whichever of two is over first. */
export function firstOf(one: Likely, other: Likely): Likely {
  const { mean, deviation } = one.mean < other.mean ? one : other
  return { mean, deviation, draw: (random) => Math.min(one.draw(random), other.draw(random)) }
}

/** As often as that one after the other, near enough. */
export function times(likely: Likely, factor: number): Likely {
  if (factor === 1) return likely
  const { mean, deviation } = likely
  return { mean: factor * mean, deviation: factor * deviation, draw: (random) => factor * likely.draw(random) }
}

/** Standard normal, near enough. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function guessed(all: readonly number[], elapsedSeconds: number): number {
  return all.length > 0 ? elapsedSeconds / 2 : Math.max(unknownSeconds, elapsedSeconds)
}

/** Where in an order the first that is greater stands. */
export function firstAbove(sorted: ArrayLike<number>, seconds: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) <= seconds) low = middle + 1
    else high = middle
  }
  return low
}

/** Numbers from 0 to 1 that look random and are always the same (mulberry32). */
export function sourceOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
