import type { CallTally } from './call-tally.ts'

/** What Salesforce says, with every answer, of the calls of the org's day; and what time it is there. */
export class ApiUsage {
  readonly #tally: Pick<CallTally, 'add' | 'calls'>
  #used: number | null = null
  #limit: number | null = null
  #warnedPercent = 0
  /** How much the org's clock is ahead of this machine's. */
  #aheadMs: number | null = null
  readonly #warn: (message: string) => void

  constructor(tally: Pick<CallTally, 'add' | 'calls'>, warn: (message: string) => void) {
    this.#tally = tally
    this.#warn = warn
  }

  saw(headers: Headers): void {
    this.#tally.add()
    const date = Date.parse(headers.get('date') ?? '')
    if (!Number.isNaN(date)) this.#aheadMs = date - Date.now()
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '') ?? []
    if (used === undefined) return
    this.#used = Number(used)
    this.#limit = Number(limit)
    this.#watch(Math.floor((100 * this.#used) / Math.max(1, this.#limit)))
  }

  #watch(percent: number): void {
    const reached = warnAtPercent.filter((one) => percent >= one).at(-1) ?? 0
    if (reached > this.#warnedPercent)
      this.#warn(`${percent} % of the API calls of 24 hours are used (${this.#used} of ${this.#limit})`)
    this.#warnedPercent = Math.max(this.#warnedPercent, reached)
  }

  orgTime(): Date {
    return new Date(Date.now() + (this.#aheadMs ?? -60_000))
  }

  toJson(): { calls: number; used: number | null; limit: number | null } {
    return { calls: this.#tally.calls, used: this.#used, limit: this.#limit }
  }
}

const warnAtPercent = [80, 90, 95, 99]
