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

  create(tenant: NewTenant) {
    return this.#rest.json<ContractTenant>('POST', 'v1/tenants', { json: tenant })
  }

  list() {
    return itemsOf<ContractTenant>(this.#rest, 'v1/tenants')
  }

  get(name: string) {
    return this.#rest.get<ContractTenant>(`v1/tenants/${part(name)}`)
  }

  change(name: string, change: TenantChange) {
    return this.#rest.json<ContractTenant>('PATCH', `v1/tenants/${part(name)}`, { json: change })
  }

  delete(name: string) {
    return this.#rest.json<void>('DELETE', `v1/tenants/${part(name)}`)
  }
}

/** With an admin token only. */
export class Tokens {
  readonly #rest: Rest

  constructor(rest: Rest) {
    this.#rest = rest
  }

  /** The answer is the only place where the token itself is ever seen. */
  create(token: NewToken) {
    return this.#rest.json<CreatedToken>('POST', 'v1/tokens', { json: token })
  }

  list(tenant?: string) {
    return itemsOf<ContractToken>(this.#rest, 'v1/tokens', { query: { tenant } })
  }

  revoke(id: string) {
    return this.#rest.json<void>('DELETE', `v1/tokens/${part(id)}`)
  }
}
