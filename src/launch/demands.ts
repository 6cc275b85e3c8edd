import { keyOf, type LaunchProfile } from './profile.ts'
import type { Demand, Side } from './standby-policy.ts'

/** Profiles that are remembered; of more the one that was asked for longest ago is forgotten. */
const maxProfiles = 64

/** What was asked for lately, and by whom. */
export class Demands {
  readonly #mostAsks: Readonly<Record<Side, number>>
  /** In the order in which they were last asked for. */
  readonly #demands = new Map<string, Omit<Demand, 'isFloor'>>()
  #floor: LaunchProfile

  /** `floor` is what critical tasks are expected to ask for, until one has. */
  constructor(mostAsks: Readonly<Record<Side, number>>, floor: LaunchProfile) {
    this.#mostAsks = mostAsks
    this.#floor = floor
  }

  note(side: Side, profile: LaunchProfile, now: number): void {
    const key = `${side} ${keyOf(profile)}`
    const { askedAt = [] } = this.#demands.get(key) ?? {}
    this.#demands.delete(key)
    this.#demands.set(key, { side, profile, askedAt: [now, ...askedAt].slice(0, Math.max(1, this.#mostAsks[side])) })
    if (side === 'critical') this.#floor = profile
    const [oldest] = this.#demands.keys()
    if (this.#demands.size > maxProfiles && oldest !== undefined) this.#demands.delete(oldest)
  }

  list(): Demand[] {
    const floor = keyOf(this.#floor)
    const isFloor = ({ side, profile }: Omit<Demand, 'isFloor'>) => side === 'critical' && keyOf(profile) === floor
    const demands = [...this.#demands.values()].map((demand) => ({ ...demand, isFloor: isFloor(demand) }))
    if (demands.some((demand) => demand.isFloor)) return demands
    return [...demands, { side: 'critical', profile: this.#floor, isFloor: true, askedAt: [] }]
  }
}
