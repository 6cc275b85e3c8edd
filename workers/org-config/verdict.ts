/** How rules come to their verdicts: shares that are used up, things that should be few, and what has to last. */
import type { Told } from './sources.ts'

/** What is, what should be, and by what one sees it. */
export interface Verdict {
  readonly isGood: boolean
  readonly actual: string | number | boolean | null
  readonly expected: string
  readonly evidence: readonly string[]
}

const dayMs = 24 * 3_600_000

/** Limits of these names: good when none of them is used by so many percent. */
export function usage(told: Told, names: readonly string[], atMostPct: number): Verdict {
  const known = told.filter(({ name, Max }) => names.includes(String(name)) && Number(Max) > 0)
  const used = known.map(({ name, Max, Remaining }) => {
    const percent = Math.floor((100 * (Number(Max) - Number(Remaining))) / Number(Max))
    return { percent, text: `${name}: ${Number(Max) - Number(Remaining)} of ${Max} (${percent} %)` }
  })
  const over = used.filter(({ percent }) => percent > atMostPct).sort((one, other) => other.percent - one.percent)
  return {
    isGood: over.length === 0,
    actual: used.length === 0 ? null : Math.max(...used.map(({ percent }) => percent)),
    expected: `at most ${atMostPct} % used`,
    evidence: over.map(({ text }) => text),
  }
}

export function most(found: readonly string[], atMost: number, what: string): Verdict {
  const expected = atMost === 0 ? `no ${what}` : `at most ${atMost} ${what}`
  return { isGood: found.length <= atMost, actual: found.length, expected, evidence: found }
}

interface Dated {
  readonly name: string
  readonly atMs: number
}

export function dated(told: Told, name: string, date: string): Dated[] {
  return told
    .filter((row) => typeof row[date] === 'string')
    .map((row) => ({ name: String(row[name]), atMs: Date.parse(String(row[date])) }))
}

/** All last so long yet; actual is the days of the shortest. */
export function lasts(all: readonly Dated[], days: number, nowMs: number): Verdict {
  const daysOf = ({ atMs }: Dated) => Math.floor((atMs - nowMs) / dayMs)
  const short = all.filter((one) => daysOf(one) < days)
  return {
    isGood: short.length === 0,
    actual: all.length === 0 ? null : Math.min(...all.map(daysOf)),
    expected: `at least ${days} days left`,
    evidence: short.map((one) => `${one.name} ends on ${new Date(one.atMs).toISOString().slice(0, 10)}`),
  }
}
