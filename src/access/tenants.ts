import type { NewTenant, SomeQuotas } from '../contract/tenant.ts'
import {
  changedQuotas,
  noQuotas,
  type QuotaChange,
  type TenantQuotas,
  type TenantRecord,
  type TenantRecords,
} from '../journal/tenants.ts'
import type { Clock } from '../system/clock.ts'
import { knownTimeZone } from '../system/time-zone.ts'
import { Refusal } from '../task/errors.ts'
import type { Credential } from './credential.ts'
import { entryOf } from './deed.ts'

/** All are in memory, since every request asks for one. */
const most = 10_000

/** Who hears of tenants: of each that there is at once, and of what becomes of them. */
export interface TenantListener {
  readonly changed?: (tenant: TenantRecord) => void
  readonly removed?: (name: string) => void
}

export interface TenantsDeps {
  readonly records: TenantRecords
  readonly clock: Pick<Clock, 'now'>
}

/** The tenants, as they are on disk. */
export class Tenants {
  readonly #deps: TenantsDeps
  readonly #known: Map<string, TenantRecord>
  readonly #leaving = new Set<string>()
  readonly #listeners: TenantListener[] = []

  private constructor(deps: TenantsDeps, known: readonly TenantRecord[]) {
    this.#deps = deps
    this.#known = new Map(known.map((tenant) => [tenant.name, tenant]))
  }

  static async open(deps: TenantsDeps): Promise<Tenants> {
    return new Tenants(deps, await deps.records.all())
  }

  listen(listener: TenantListener): void {
    this.#listeners.push(listener)
    for (const tenant of this.#known.values()) listener.changed?.(tenant)
  }

  get count(): number {
    return this.#known.size
  }

  has(name: string): boolean {
    return this.#known.has(name)
  }

  /** What the tenant may use; undefined when it must not submit any more. */
  quotasOf(name: string): TenantQuotas | undefined {
    return this.#leaving.has(name) ? undefined : this.#known.get(name)?.quotas
  }

  /** Throws the Refusal that says that there is none. */
  get(name: string): TenantRecord {
    const tenant = this.#known.get(name)
    if (tenant) return tenant
    throw unknownTenant()
  }

  /** By name. */
  list(): readonly TenantRecord[] {
    return [...this.#known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async create(by: Credential, { name, quotas = {} }: NewTenant): Promise<TenantRecord> {
    if (this.#known.size >= most) throw new Refusal('CONFLICT', `there are ${most} tenants: delete one first`)
    const now = this.#deps.clock.now()
    const tenant = { name, quotas: changedQuotas(noQuotas, checked(quotas)), createdAt: now }
    const entry = entryOf(by, deed('tenant.created', tenant), now)
    if (!(await this.#deps.records.add(tenant, entry))) {
      throw new Refusal('CONFLICT', 'this name is taken, or was another tenant’s before: choose another')
    }
    this.#set(tenant)
    return tenant
  }

  /** Quotas that are left out stay as they are. */
  async change(by: Credential, name: string, quotas: SomeQuotas): Promise<TenantRecord> {
    const changed = { action: 'tenant.changed', subject: name, tenant: name }
    const entry = entryOf(by, changed, this.#deps.clock.now())
    const tenant = await this.#deps.records.change(name, checked(quotas), entry)
    if (!tenant) throw unknownTenant()
    this.#set(tenant)
    return tenant
  }

  /** Refused while it has a task that has not ended. What it submits meanwhile is refused, so that nothing slips in. */
  async remove(by: Credential, name: string): Promise<void> {
    const tenant = this.get(name)
    if (name === 'default') throw new Refusal('CONFLICT', 'the tenant default is the admin’s own: it stays')
    this.#leaving.add(name)
    try {
      const entry = entryOf(by, deed('tenant.deleted', tenant), this.#deps.clock.now())
      const outcome = await this.#deps.records.remove(name, entry)
      if (outcome === 'unknown') throw unknownTenant()
      if (outcome === 'busy') {
        throw new Refusal('CONFLICT', 'this tenant has tasks that have not ended: cancel them first, or wait')
      }
      this.#known.delete(name)
      for (const { removed } of this.#listeners) removed?.(name)
    } finally {
      this.#leaving.delete(name)
    }
  }

  #set(tenant: TenantRecord): void {
    this.#known.set(tenant.name, tenant)
    for (const { changed } of this.#listeners) changed?.(tenant)
  }
}

function deed(action: string, { name, quotas }: TenantRecord) {
  return { action, subject: name, tenant: name, detail: { quotas: { ...quotas } } }
}

/** Refuses a time zone that there is not; one that there is gets its usual name. */
function checked(quotas: SomeQuotas): QuotaChange {
  const { timeZone } = quotas
  if (timeZone === undefined || timeZone === null) return quotas
  const known = knownTimeZone(timeZone)
  if (known !== undefined) return { ...quotas, timeZone: known }
  throw new Refusal('INVALID_INPUT', `there is no time zone ${timeZone}: give a name such as Europe/Berlin`)
}

function unknownTenant(): Refusal {
  return new Refusal('NOT_FOUND', 'there is no tenant of this name: GET /v1/tenants lists them')
}
