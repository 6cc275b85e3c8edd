import { RecentMap } from '../system/recent-map.ts'
import { POOLS, type Pool } from '../task/task.ts'
import { keyOf, type LaunchProfile } from './profile.ts'
import { type Demand, type Side, sideOf } from './standby-policy.ts'

/** Profiles that are remembered; of more the one that was asked for longest ago is forgotten. */
const maxProfiles = 64

export interface DemandTerms {
  /** Tasks that may run at once, of the critical pool and of the others. */
  readonly slots: Readonly<Record<Side, number>>
  /** Workers that stand by for a pool however long none of its tasks has come. */
  readonly floors: Readonly<Record<Pool, number>>
  /** What tasks of a pool are expected to ask for, until one has. */
  readonly expected: Readonly<Record<Pool, LaunchProfile>>
}

type Noted = Omit<Demand, 'floor' | 'isResting'>

/** How workers of a profile come up. */
export interface Fortune {
  readonly isFailing: (profile: LaunchProfile) => boolean
  readonly isResting: (profile: LaunchProfile) => boolean
}

/** What was asked for lately, and by whom. */
export class Demands {
  readonly #terms: DemandTerms
  readonly #demands = new RecentMap<string, Noted>(maxProfiles)
  /** What each pool asked for last. */
  readonly #last: Record<Pool, LaunchProfile>

  constructor(terms: DemandTerms) {
    this.#terms = terms
    this.#last = { ...terms.expected }
  }

  note(pool: Pool, profile: LaunchProfile, now: number): void {
    const side = sideOf(pool)
    const key = keyIn(side, profile)
    const { askedAt = [] } = this.#demands.get(key) ?? {}
    const most = Math.max(1, this.#terms.slots[side])
    this.#demands.set(key, { side, profile, askedAt: [now, ...askedAt].slice(0, most) })
    this.#last[pool] = profile
  }

  /**
   * A floor is of what its pool asked for last, unless that does not come up; two pools of one side may want the same,
   * and then there are as many.
   */
  list({ isFailing, isResting }: Fortune): Demand[] {
    const { floors, expected } = this.#terms
    const demands = new Map<string, Noted & { readonly floor: number }>()
    for (const [key, demand] of this.#demands.entries()) demands.set(key, { ...demand, floor: 0 })
    for (const pool of POOLS) {
      const [side, last, floor] = [sideOf(pool), this.#last[pool], floors[pool]]
      const profile = isFailing(last) ? expected[pool] : last
      const key = keyIn(side, profile)
      const demand = demands.get(key) ?? { side, profile, askedAt: [], floor: 0 }
      if (floor > 0) demands.set(key, { ...demand, floor: demand.floor + floor })
    }
    return [...demands.values()].map((demand) => ({ ...demand, isResting: isResting(demand.profile) }))
  }
}

function keyIn(side: Side, profile: LaunchProfile): string {
  return `${side} ${keyOf(profile)}`
}
