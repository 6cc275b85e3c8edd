import type { ProcessTime } from '../contract/quota.ts'
import { dayOf } from '../journal/process-time.ts'
import type { Lineup } from './lineup.ts'
import type { Runners } from './runners.ts'

const dayMs = 86_400_000

/** When this day ends, UTC. */
export function dayEnd(now: number): number {
  return (dayOf(now) + 1) * dayMs
}

/** The day that is, UTC: of each, tenants may use so much process time. */
export class Day {
  readonly #lineup: Lineup
  readonly #runners: Runners
  /** Days since 1970; undefined until it is known which it is. */
  #number: number | undefined

  constructor(lineup: Lineup, runners: Runners) {
    this.#lineup = lineup
    this.#runners = runners
  }

  /** Lets what runs pay for the day that ends, and nobody has used anything of the next. */
  pass(now: number): void {
    const day = dayOf(now)
    if (this.#number !== undefined && day !== this.#number) {
      this.#runners.endDay(day * dayMs)
      this.#lineup.newDay()
    }
    this.#number = day
  }

  /** What a tenant has used of it, and may use, in seconds; null where nothing bounds it. */
  processTimeOf(tenant: string, now: number): ProcessTime {
    const perDay = this.#lineup.tenants.policyOf(tenant).processSecondsPerDay
    return {
      today: dayOf(now) === this.#number ? (this.#lineup.tenants.known(tenant)?.daySeconds ?? 0) : 0,
      perDay: Number.isFinite(perDay) ? perDay : null,
    }
  }
}
