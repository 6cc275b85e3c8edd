/** Durations that are not known yet, drawn from those of earlier attempts. */
import { type History, unknownSeconds } from './history.ts'

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
export function likelyRun(history: History, kind: string): Likely {
  return likelyRest(history, kind, 0)
}

/** How long one still takes that has run for so long: as those did that took longer, or about as long again. */
export function likelyRest(history: History, kind: string, elapsedSeconds: number): Likely {
  const all = history.secondsOf(kind)
  const longer = elapsedSeconds > 0 ? all.slice(firstAbove(all, elapsedSeconds)) : all
  const rests = longer.length > 0 ? longer.map((seconds) => seconds - elapsedSeconds) : [guessed(all, elapsedSeconds)]
  const mean = rests.reduce((sum, one) => sum + one, 0) / rests.length
  const variance = rests.reduce((sum, one) => sum + (one - mean) ** 2, 0) / rests.length
  const doubt = Math.log(guessFactor) / Math.sqrt(1 + (rests.length * 12) / manyRuns)
  return {
    mean,
    deviation: Math.hypot(Math.sqrt(variance), rests.length < manyRuns ? mean * doubt : 0),
    draw(random) {
      const rest = rests[Math.floor(random() * rests.length)] as number
      return rests.length < manyRuns ? rest * Math.exp(doubt * normal(random)) : rest
    },
  }
}

/** One that takes nothing but the time of its end. */
export function atMost(likely: Likely, seconds: number): Likely {
  const mean = Math.min(likely.mean, seconds)
  return { mean, deviation: 0, draw: (random) => Math.min(likely.draw(random), seconds) }
}

/** Standard normal, near enough. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function guessed(all: readonly number[], elapsedSeconds: number): number {
  return all.length > 0 ? elapsedSeconds / 2 : Math.max(unknownSeconds, elapsedSeconds)
}

function firstAbove(sorted: readonly number[], seconds: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) <= seconds) low = middle + 1
    else high = middle
  }
  return low
}
