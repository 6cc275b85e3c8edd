import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import { RecentMap } from '../system/recent-map.ts'
import { keyOf, type LaunchProfile } from './profile.ts'
import { ceilingOf, type MemoryTerms } from './standby-policy.ts'

/** What tells how much memory there is: each answer costs up to half a millisecond of CPU. */
export interface MemoryLooks {
  availableMiB(): number
  /** Undefined where that is not told. */
  ofOneMiB(worker: Worker): number | undefined
}

/** Memory of one until it has been measured. */
const assumedMiB = 24
/** What the machine has to spare is looked up once in this time, however many workers are born in it. */
const availableMs = 1_000
/** Workers of one profile are alike. */
const ofOneMs = 60_000
/** Of more profiles than this nobody knows any more what they take. */
const maxProfiles = 64

interface Figure {
  readonly at: number
  readonly MiB: number
}

/** How many workers the memory lets stand by, from figures that are looked up seldom: with every task one is born. */
export class StandbyMemory {
  readonly #terms: MemoryTerms
  readonly #looks: MemoryLooks
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #ofOne = new RecentMap<string, Figure>(maxProfiles)
  #available: Figure | undefined
  #oneMiB = assumedMiB

  constructor(terms: MemoryTerms, looks: MemoryLooks, clock: Pick<Clock, 'monotonic'>) {
    this.#terms = terms
    this.#looks = looks
    this.#clock = clock
  }

  /** `standing` are the profiles of those that do: each is counted with what its like took, one more with the most of these. */
  ceiling(standing: readonly LaunchProfile[]): number {
    const now = this.#clock.monotonic()
    if (!this.#available || now - this.#available.at >= availableMs) {
      this.#available = { at: now, MiB: this.#looks.availableMiB() }
    }
    const sizes = standing.map((profile) => this.#ofOne.get(keyOf(profile))?.MiB ?? this.#oneMiB)
    return ceilingOf(this.#terms, {
      standing: standing.length,
      takenMiB: sizes.reduce((sum, MiB) => sum + MiB, 0),
      oneMiB: Math.max(this.#oneMiB, ...sizes),
      availableMiB: this.#available.MiB,
    })
  }

  /** A worker of this profile is up: from now on one is taken to be as large as it is, if nothing is known of it. */
  isUp(profile: LaunchProfile, worker: Worker): void {
    const key = keyOf(profile)
    const now = this.#clock.monotonic()
    const known = this.#ofOne.get(key)
    const figure = known && now - known.at < ofOneMs ? known : this.#measure(worker, now)
    if (!figure) return
    this.#ofOne.set(key, figure)
    this.#oneMiB = figure.MiB
  }

  #measure(worker: Worker, at: number): Figure | undefined {
    try {
      const MiB = this.#looks.ofOneMiB(worker)
      return MiB === undefined ? undefined : { at, MiB }
    } catch {
      // Without descriptors nobody can be measured: the next one is.
      return undefined
    }
  }
}
