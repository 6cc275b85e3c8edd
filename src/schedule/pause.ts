import type { Pool } from '../task/task.ts'
import type { Lines } from './lines.ts'
import type { Tenants } from './tenants.ts'
import type { Waiting } from './waiting.ts'

/** Keeps from starting what matches all of it that is not null. */
export interface Pause {
  readonly id: string
  readonly kind: string | null
  readonly pool: Pool | null
  readonly tenant: string | null
  readonly key: string | null
  /** Shown to whoever asks why. */
  readonly reason?: string | null
}

/** Where tasks stand that a pause covers all of, or none of. */
export interface Place {
  readonly tenant: string
  readonly pool: Pool
  readonly key: string | null
  readonly kind: string
}

export function placeOf({ tenant, pool, kind, concurrency }: Waiting): Place {
  return { tenant, pool, kind, key: concurrency?.key ?? null }
}

/** The pauses that hold now: they close lanes. For a place, those of other tenants are not looked at. */
export class PauseSet {
  readonly #tenants: Tenants
  readonly #lines: Readonly<Record<Pool, Lines>>
  readonly #pauses = new Map<string, Pause>()
  readonly #ofTenant = new Map<string | null, Set<Pause>>()

  constructor(tenants: Tenants, lines: Readonly<Record<Pool, Lines>>) {
    this.#tenants = tenants
    this.#lines = lines
  }

  /** Leaves out what matches. Its id is no other's. */
  add(pause: Pause, now: number): void {
    this.#pauses.set(pause.id, pause)
    const beside = this.#ofTenant.get(pause.tenant) ?? new Set()
    this.#ofTenant.set(pause.tenant, beside.add(pause))
    this.#review(pause, now)
  }

  /** False when there is no such pause. */
  delete(id: string, now: number): boolean {
    const pause = this.#pauses.get(id)
    if (!pause) return false
    this.#pauses.delete(id)
    const beside = this.#ofTenant.get(pause.tenant)
    beside?.delete(pause)
    if (beside?.size === 0) this.#ofTenant.delete(pause.tenant)
    this.#review(pause, now)
    return true
  }

  covers(place: Place): boolean {
    return this.#matches(null, place) || this.#matches(place.tenant, place)
  }

  /** Those that hold for a place. */
  matching(place: Place): readonly Pause[] {
    const beside = [null, place.tenant].flatMap((tenant) => [...(this.#ofTenant.get(tenant) ?? [])])
    return beside.filter((pause) => covers(pause, place))
  }

  /** Opens and closes every lane that a pause, come or gone, may concern. Looks at lanes, never at their tasks. */
  #review({ tenant: name }: Pause, now: number): void {
    const tenants = name === null ? [...this.#tenants.all()] : [this.#tenants.known(name)]
    for (const tenant of tenants) {
      for (const queue of tenant?.queues ?? []) {
        for (const lane of queue.lanes.values()) {
          lane.isPaused = this.covers(lane.place)
          queue.seat(lane, now)
        }
        this.#lines[queue.pool].seat(queue, now)
      }
    }
  }

  #matches(tenant: string | null, place: Place): boolean {
    for (const pause of this.#ofTenant.get(tenant) ?? []) if (covers(pause, place)) return true
    return false
  }
}

function covers(pause: Pause, place: Place): boolean {
  return (['tenant', 'pool', 'key', 'kind'] as const).every(
    (part) => pause[part] === null || pause[part] === place[part],
  )
}
