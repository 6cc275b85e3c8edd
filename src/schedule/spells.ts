/**
 * What held tasks back, and when: kept where it holds, at the lane, the queue, the kind and the pool, never with each
 * task. When a task starts, the spells over it tell for what it waited; what none of them covers was its turn.
 */
import { RULES, type Rule } from '../contract/explanation.ts'
import type { HeldFor, Waited } from '../journal/attempts.ts'

/** Milliseconds since 1970; `until` is undefined while it still holds. */
interface Spell {
  readonly rule: Rule
  readonly from: number
  until: number | undefined
}

/** Of each place: older ones are forgotten. */
const remembered = 16
/** What lets go for no longer than this holds on: one task took the place of another. */
const gapMs = 100

export class Spells {
  #spells: Spell[] = []
  /** Of what was before it nothing is known any more. */
  #knownSince = Number.NEGATIVE_INFINITY

  /** What holds from now on; undefined for nothing. */
  note(rule: Rule | undefined, now: number): void {
    const last = this.#spells.at(-1)
    if (last && last.until === undefined) {
      if (last.rule === rule) return
      last.until = now
    }
    if (rule === undefined) return
    if (last?.rule === rule && now - (last.until ?? now) <= gapMs) last.until = undefined
    else this.#push({ rule, from: now, until: undefined })
  }

  get knownSince(): number {
    return this.#knownSince
  }

  /** Those that held at some time between the two, the oldest first. */
  within(from: number, until: number): readonly Spell[] {
    return this.#spells.filter((spell) => spell.from < until && (spell.until ?? until) > from)
  }

  #push(spell: Spell): void {
    this.#spells.push(spell)
    if (this.#spells.length <= remembered) return
    this.#knownSince = this.#spells.shift()?.until ?? this.#knownSince
  }
}

/** For how long what held a task back since it was due: of several at once, the first in the order of the rules. */
export function waitedFor(
  places: readonly Spells[],
  { dueAt, knownSince }: { readonly dueAt: number; readonly knownSince: number },
  now: number,
): Waited {
  const seconds = new Map<HeldFor['rule'], number>()
  const since = Math.min(now, Math.max(dueAt, knownSince, ...places.map((place) => place.knownSince)))
  const spells = places.flatMap((place) => place.within(since, now))
  const edges = [since, now, ...spells.flatMap(({ from, until = now }) => [from, until])]
  const times = [...new Set(edges)].filter((at) => at >= since && at <= now).sort((a, b) => a - b)
  const add = (rule: HeldFor['rule'], ms: number) => seconds.set(rule, (seconds.get(rule) ?? 0) + ms / 1000)
  if (since > dueAt) add('unknown', since - dueAt)
  for (const [index, from] of times.entries()) {
    const until = times[index + 1]
    if (until !== undefined) add(ruleAt(spells, from), until - from)
  }
  const rules = [...seconds].map(([rule, seconds]) => ({ rule, seconds })).filter((one) => one.seconds > 0)
  return { dueAt, rules: rules.sort((a, b) => b.seconds - a.seconds) }
}

function ruleAt(spells: readonly Spell[], at: number): Rule {
  const held = spells.filter(({ from, until }) => from <= at && !(until !== undefined && until <= at))
  return RULES.find((rule) => held.some((spell) => spell.rule === rule)) ?? 'turn'
}
