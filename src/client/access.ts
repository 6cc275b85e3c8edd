import type { AuditListQuery, ContractAuditEntry } from '../contract/audit.ts'
import type { ContractTenant, NewTenant, TenantChange } from '../contract/tenant.ts'
import type { ContractToken, CreatedToken, NewToken } from '../contract/token.ts'
import { itemsOf, part } from './pages.ts'
import type { Rest } from './rest.ts'

/** With an admin token only. */
export class Tenants {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  create(tenant: NewTenant): Promise<ContractTenant> {
    return this.#rest.json<ContractTenant>('POST', 'v1/tenants', { json: tenant })
  }

  list(): AsyncGenerator<ContractTenant, void> {
    return itemsOf<ContractTenant>(this.#rest, 'v1/tenants')
  }

  get(name: string): Promise<ContractTenant> {
    return this.#rest.get<ContractTenant>(`v1/tenants/${part(name)}`)
  }

  change(name: string, change: TenantChange): Promise<ContractTenant> {
    return this.#rest.json<ContractTenant>('PATCH', `v1/tenants/${part(name)}`, { json: change })
  }

  delete(name: string): Promise<void> {
    return this.#rest.json<void>('DELETE', `v1/tenants/${part(name)}`)
  }
}

/** Who did what, to what, and when. With an admin token only. */
export class Audit {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** Newest first. */
  list(query: Omit<AuditListQuery, 'cursor'> = {}): AsyncGenerator<ContractAuditEntry, void> {
    return itemsOf<ContractAuditEntry>(this.#rest, 'v1/audit', { query })
  }
}

/** With an admin token only. */
export class Tokens {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** The answer is the only place where the token itself is ever seen. */
  create(token: NewToken): Promise<CreatedToken> {
    return this.#rest.json<CreatedToken>('POST', 'v1/tokens', { json: token })
  }

  list(tenant?: string): AsyncGenerator<ContractToken, void> {
    return itemsOf<ContractToken>(this.#rest, 'v1/tokens', { query: { tenant } })
  }

  revoke(id: string): Promise<void> {
    return this.#rest.json<void>('DELETE', `v1/tokens/${part(id)}`)
  }
}
