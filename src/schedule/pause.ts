import type { Pool } from '../task/task.ts'

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

/** The pauses that hold now; those of other tenants are not looked at. */
export class PauseSet {
  readonly #pauses = new Map<string, Pause>()
  readonly #ofTenant = new Map<string | null, Set<Pause>>()

  /** Its id is no other's. */
  add(pause: Pause): void {
    this.#pauses.set(pause.id, pause)
    const beside = this.#ofTenant.get(pause.tenant) ?? new Set()
    this.#ofTenant.set(pause.tenant, beside.add(pause))
  }

  /** The pause, when there was one. */
  delete(id: string): Pause | undefined {
    const pause = this.#pauses.get(id)
    if (!pause) return undefined
    this.#pauses.delete(id)
    const beside = this.#ofTenant.get(pause.tenant)
    beside?.delete(pause)
    if (beside?.size === 0) this.#ofTenant.delete(pause.tenant)
    return pause
  }

  covers(place: Place): boolean {
    return this.#matches(null, place) || this.#matches(place.tenant, place)
  }

  /** Those that hold for a place. */
  matching(place: Place): readonly Pause[] {
    const beside = [null, place.tenant].flatMap((tenant) => [...(this.#ofTenant.get(tenant) ?? [])])
    return beside.filter((pause) => covers(pause, place))
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
