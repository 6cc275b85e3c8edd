/**
 * Who got how much of what there was to share. A tenant that has something waiting wants more; whatever those have
 * running at a moment is theirs to share by weight. What each got, over what its weight alone would have given it, is its
 * share: 1 for everybody where all is fair. Who wants nothing more has no part in it, neither as a giver nor as a taker.
 */

interface Party {
  weight: number
  waiting: number
  running: number
  /** Up to here what it got is counted. */
  countedAt: number
  /** The common time at which it began to want more. */
  since: number
  gotSeconds: number
  dueSeconds: number
}

export class Fairness {
  readonly #parties = new Map<string, Party>()
  /** Of those that want more: their weights, and the slots that they have. */
  #weights = 0
  #slots = 0
  /** Process-seconds that a weight of 1 was due while it wanted more. */
  #common = 0
  #commonAt = 0

  /** So many more of a tenant's tasks wait or run from this moment on; times in milliseconds. */
  change(
    tenant: string,
    weight: number,
    now: number,
    by: { readonly waiting: number; readonly running: number },
  ): void {
    this.#advance(now)
    const party = this.#parties.get(tenant) ?? this.#join(tenant, weight)
    this.#count(party, now)
    const [wanted, had] = [party.waiting > 0, party.running]
    party.waiting += by.waiting
    party.running += by.running
    const wants = party.waiting > 0
    this.#slots += (wants ? party.running : 0) - (wanted ? had : 0)
    if (wants === wanted) return
    this.#weights += wants ? party.weight : -party.weight
    if (wants) party.since = this.#common
    else party.dueSeconds += (this.#common - party.since) * party.weight
  }

  /** What each tenant got and was due, in process-seconds, of those that ever had to wait. */
  totals(now: number): ReadonlyMap<string, { readonly got: number; readonly due: number }> {
    this.#advance(now)
    const totals = new Map<string, { readonly got: number; readonly due: number }>()
    for (const [tenant, party] of this.#parties) {
      this.#count(party, now)
      const open = party.waiting > 0 ? (this.#common - party.since) * party.weight : 0
      const due = party.dueSeconds + open
      if (due > 0) totals.set(tenant, { got: party.gotSeconds, due })
    }
    return totals
  }

  #join(tenant: string, weight: number): Party {
    const party = { weight, waiting: 0, running: 0, countedAt: 0, since: 0, gotSeconds: 0, dueSeconds: 0 }
    this.#parties.set(tenant, party)
    return party
  }

  #advance(now: number): void {
    if (this.#weights > 0) this.#common += (((now - this.#commonAt) / 1000) * this.#slots) / this.#weights
    this.#commonAt = now
  }

  #count(party: Party, now: number): void {
    if (party.waiting > 0) party.gotSeconds += ((now - party.countedAt) / 1000) * party.running
    party.countedAt = now
  }
}

/** Jain's index of fairness: 1 when all have the same, 1/n when one of n has everything; 1 for nobody. */
export function jainIndex(figures: readonly number[]): number {
  const sum = figures.reduce((total, figure) => total + figure, 0)
  const squares = figures.reduce((total, figure) => total + figure * figure, 0)
  return squares > 0 ? (sum * sum) / (figures.length * squares) : 1
}
