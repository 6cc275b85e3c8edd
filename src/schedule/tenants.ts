import { ReturningMap } from '../system/returning-map.ts'
import type { Pool } from '../task/task.ts'
import { type Counts, noCounts } from './counts.ts'
import type { Course } from './flow.ts'
import type { TenantPolicy } from './policy.ts'
import { Tenant } from './tenant.ts'

/**
 * The tenants on the board, and what each may. They are kept while they are idle too: who was given much comes no sooner
 * for having paused a moment. Those that have nothing are forgotten when a day ends, as soon as the others have been given
 * as much.
 */
export class Tenants {
  readonly #courses: Readonly<Record<Pool, Course>>
  readonly #tenants = new ReturningMap<string, Tenant>()
  readonly #granted = new Map<string, TenantPolicy>()
  /** Who has used up its process time of this day. */
  readonly #spent = new Set<Tenant>()
  #others: TenantPolicy

  /** `others` is what those may that were granted nothing of their own. */
  constructor(others: TenantPolicy, courses: Readonly<Record<Pool, Course>>) {
    this.#others = others
    this.#courses = courses
  }

  of(name: string): Tenant {
    const known = this.#tenants.get(name)
    if (known) return known
    const tenant = new Tenant(name, this.policyOf(name), this.#courses)
    this.#tenants.set(name, tenant)
    return tenant
  }

  /** One that is here, and is not made for being asked after. */
  known(name: string): Tenant | undefined {
    return this.#tenants.get(name)
  }

  all(): Iterable<Tenant> {
    return this.#tenants.values()
  }

  /** What a tenant has queued and running, by pool. */
  countsOf(name: string): Counts {
    return this.#tenants.get(name)?.counts ?? noCounts()
  }

  policyOf(name: string): TenantPolicy {
    return this.#granted.get(name) ?? this.#others
  }

  /** What a tenant may; null for what all others may. */
  grant(name: string, policy: TenantPolicy | null): void {
    if (policy) this.#granted.set(name, policy)
    else this.#granted.delete(name)
    this.known(name)?.adopt(this.policyOf(name))
  }

  /** What all may that were granted nothing of their own. */
  adopt(others: TenantPolicy): void {
    this.#others = others
    for (const tenant of this.all()) tenant.adopt(this.policyOf(tenant.name))
  }

  /** It has used so much more of its day, in seconds, or less than was thought. True when that opens or closes it. */
  spend(tenant: Tenant, seconds: number): boolean {
    const wasSpent = tenant.isSpent
    tenant.daySeconds = Math.max(0, tenant.daySeconds + seconds)
    if (tenant.isSpent) this.#spent.add(tenant)
    return tenant.isSpent !== wasSpent
  }

  /** A new day: nobody has used anything of it. Returns who waited for it. */
  newDay(): readonly Tenant[] {
    for (const tenant of this.all()) {
      tenant.daySeconds = 0
      this.forget(tenant)
    }
    const waited = [...this.#spent]
    this.#spent.clear()
    return waited
  }

  /** Somebody waits for the next day. */
  get hasSpent(): boolean {
    return this.#spent.size > 0
  }

  /** Unless it has something, or was given more than others. */
  forget(tenant: Tenant): void {
    if (tenant.isForgettable) this.#tenants.delete(tenant.name)
  }
}
