/** What a forecast says, in the words of the contract. */
import type { Explanation, Rule } from '../contract/explanation.ts'
import { toMoment } from '../contract/present.ts'
import { POOLS } from '../task/task.ts'
import type { OwnBefore } from './ahead.ts'
import { forecast, spanOfLikely } from './forecast.ts'
import { likelyRest } from './likely.ts'
import { outlookOf } from './outlook.ts'
import type { Case } from './rules.ts'
import type { Work } from './work.ts'

type Estimate = NonNullable<Explanation['estimate']>

/** What only somebody can lift, so that no time can be said. */
const untold: Readonly<Partial<Record<Rule, string>>> = {
  hold: 'nothing starts at present',
  paused: 'it is paused, and nobody knows for how long',
  children: 'it waits for its children, and nobody knows for how long',
}

/** What is further ahead cannot be written as a date, or never comes. */
const mostSeconds = 1_000 * 366 * 86_400

const none = {
  startAt: null,
  p50Seconds: null,
  p90Seconds: null,
  endAt: null,
  endP50Seconds: null,
  endP90Seconds: null,
} as const

/** Of a task that waits. */
export function estimateStart(
  one: Case,
  own: readonly OwnBefore[],
  ahead: readonly Work[],
  held: readonly Rule[],
): Estimate {
  const why = held.filter((rule) => !(rule === 'children' && held.includes('due'))).find((rule) => untold[rule])
  if (why) return { ...none, basis: `none: ${untold[why]}` }
  const { start, end } = forecast(outlookOf(one, own, ahead))
  if (!(start.p90Seconds < mostSeconds)) return { ...none, basis: 'none: as things are it can never start' }
  return {
    startAt: toMoment(Math.round(one.now + start.p50Seconds * 1000)),
    ...rounded(start),
    ...endOf(end, one.now),
    basis: basisOf(one.task.kind, one.scene.history.secondsOf(one.task.kind).length),
  }
}

/** Of a task that has a slot since then. */
export function estimateEnd(
  {
    scene,
    task,
    now,
  }: { readonly scene: Pick<Case['scene'], 'history'>; readonly task: { readonly kind: string }; readonly now: number },
  startedAt: number,
): Estimate {
  const { history } = scene
  const rest = spanOfLikely(likelyRest(history, task.kind, Math.max(0, now - startedAt) / 1000))
  const basis = basisOf(task.kind, history.secondsOf(task.kind).length)
  return { ...none, startAt: toMoment(startedAt), ...endOf(rest, now), basis }
}

/** Whose work is served before a task, as classes: of other tenants nothing is told but its time. */
export function aheadOf(one: Case, own: readonly OwnBefore[], work: readonly Work[]): Explanation['ahead'] {
  const before = own.reduce((sum, { all }) => sum + all, 0)
  const classes = POOLS.flatMap((pool) =>
    ([true, false] as const).map((isOwn) => {
      const some = work.filter((each) => each.pool === pool && each.isOwn === isOwn)
      const processSeconds = some.reduce((sum, { kind, count }) => sum + count * one.scene.history.meanSeconds(kind), 0)
      const counted = pool === one.task.pool ? before : some.reduce((sum, { count }) => sum + count, 0)
      return {
        class: isOwn ? ('own' as const) : ('others' as const),
        pool,
        tasks: isOwn ? counted : null,
        processSeconds: tenths(processSeconds),
      }
    }),
  )
  return classes.filter(({ tasks, processSeconds }) => tasks || processSeconds > 0)
}

function endOf({ p50Seconds, p90Seconds }: { readonly p50Seconds: number; readonly p90Seconds: number }, now: number) {
  return {
    endAt: toMoment(Math.round(now + p50Seconds * 1000)),
    endP50Seconds: tenths(p50Seconds),
    endP90Seconds: tenths(p90Seconds),
  }
}

function rounded({ p50Seconds, p90Seconds }: { readonly p50Seconds: number; readonly p90Seconds: number }) {
  return { p50Seconds: tenths(p50Seconds), p90Seconds: tenths(p90Seconds) }
}

function tenths(seconds: number): number {
  return Math.round(Math.max(0, seconds) * 10) / 10
}

function basisOf(kind: string, runs: number): string {
  if (runs === 0) return `a guess: no run of ${kind} is known`
  return `the last ${runs === 1 ? 'run' : `${runs} runs`} of ${kind}, and what is ahead`
}
