/** What answers that are costly may take of the main thread, on which everything else waits for them. */
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'

/** Milliseconds of the main thread that are owed, as of then; both by a clock that only goes on. */
interface Debt {
  ms: number
  at: number
}

interface Terms {
  /** Of the time, what may be used in the long run. */
  readonly share: number
  /** What may be used at once. */
  readonly burstMs: number
}

const ofTenant: Terms = { share: 0.1, burstMs: 500 }
const ofAll: Terms = { share: 0.25, burstMs: 1_000 }
/** Those that owe nothing any more are forgotten when there are so many. */
const mostTenants = 1_000

export class Thrift {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #tenants = new Map<string, Debt>()
  readonly #all: Debt

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock
    this.#all = { ms: 0, at: clock.monotonic() }
  }

  /** Does what is costly, on account of a tenant. Refuses while it, or all together, have used more than their part. */
  spend<T>(tenant: string, work: () => T): T {
    const began = this.#clock.monotonic()
    const debt = this.#debtOf(tenant, began)
    refuseBeyond(debt, ofTenant, began)
    refuseBeyond(this.#all, ofAll, began)
    try {
      return work()
    } finally {
      const took = this.#clock.monotonic() - began
      debt.ms += took
      this.#all.ms += took
    }
  }

  #debtOf(tenant: string, now: number): Debt {
    const debt = this.#tenants.get(tenant) ?? { ms: 0, at: now }
    if (this.#tenants.size >= mostTenants) {
      for (const [name, one] of this.#tenants) if (leftOf(one, ofTenant, now) === 0) this.#tenants.delete(name)
    }
    this.#tenants.set(tenant, debt)
    return debt
  }
}

function leftOf({ ms, at }: Debt, { share }: Terms, now: number): number {
  return Math.max(0, ms - (now - at) * share)
}

function refuseBeyond(debt: Debt, terms: Terms, now: number): void {
  debt.ms = leftOf(debt, terms, now)
  debt.at = now
  if (debt.ms <= terms.burstMs) return
  const retryAfterSeconds = Math.max(1, Math.ceil((debt.ms - terms.burstMs) / terms.share / 1000))
  const message = `explanations have taken more than their part of the server's time: ask again in ${retryAfterSeconds} s`
  throw new Refusal('TOO_MANY', message, { retryAfterSeconds })
}
