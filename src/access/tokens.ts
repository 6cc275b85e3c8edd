import type { NewToken } from '../contract/token.ts'
import type { TokenRecord, TokenRecords } from '../journal/tokens.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import type { Credential } from './credential.ts'
import { entryOf } from './deed.ts'
import { Expiries } from './expiries.ts'
import type { Grant, Grants } from './grants.ts'
import { digestOf, keyOf, newTokenOf } from './token.ts'

/** All are in memory, since every request is looked up there. */
const most = 20_000
/** How exactly it is kept when a token was last used: no write per request. */
const useMs = 10 * 60_000

interface Held extends Grant {
  readonly record: TokenRecord
  lastUsedAt: number | null
}

export interface TokensDeps {
  readonly records: TokenRecords
  readonly tenants: { has(name: string): boolean }
  readonly clock: Clock
}

/** The tokens, as they are on disk, and who wants to know when one ends. */
export class Tokens implements Grants<Held> {
  readonly #deps: TokensDeps
  readonly #held = new Map<string, Held>()
  readonly #expiries: Expiries
  readonly #listeners: ((id: string) => void)[] = []

  private constructor(deps: TokensDeps, known: readonly TokenRecord[]) {
    this.#deps = deps
    this.#expiries = new Expiries(deps.clock, (id) => this.#tell(id))
    for (const record of known) this.#hold(record)
  }

  static async open(deps: TokensDeps): Promise<Tokens> {
    return new Tokens(deps, await deps.records.all())
  }

  /** Called with the id of each token that is revoked or expires, from then on. */
  onEnd(listener: (id: string) => void): void {
    this.#listeners.push(listener)
  }

  find(key: string): Held | undefined {
    return this.#held.get(key)
  }

  /** Whether what was granted by this token is still granted. */
  stands(id: string): boolean {
    if (id === 'admin') return true
    const held = this.#held.get(keyOf(id))
    return held !== undefined && (held.expiresAt === null || held.expiresAt > this.#deps.clock.now())
  }

  used(held: Held): void {
    const now = this.#deps.clock.now()
    if (held.lastUsedAt !== null && now - held.lastUsedAt < useMs) return
    held.lastUsedAt = now
    // Nice to know, and no more: a journal that cannot take it now has worse to say elsewhere.
    this.#deps.records.used(held.record.id, now).catch(() => {})
  }

  /** Oldest first, expired ones included. */
  list(tenant?: string): readonly TokenRecord[] {
    return [...this.#held.values()]
      .filter(({ record }) => tenant === undefined || record.tenant === tenant)
      .map(({ record, lastUsedAt }) => ({ ...record, lastUsedAt }))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** The token and what it is; nobody can learn the token again. */
  async create(by: Credential, wanted: NewToken): Promise<{ readonly token: string; readonly record: TokenRecord }> {
    const { clock, records, tenants } = this.#deps
    if (this.#held.size >= most) throw new Refusal('CONFLICT', `there are ${most} tokens: delete one first`)
    const id = newTaskId()
    const token = newTokenOf(id)
    const now = clock.now()
    const record = toRecord(id, digestOf(token), by, wanted, now)
    const entry = entryOf(by, deed('token.created', record), now)
    const added = tenants.has(record.tenant) && (await records.add(record, entry))
    if (!added) throw new Refusal('NOT_FOUND', `there is no tenant ${record.tenant}: create it with POST /v1/tenants`)
    this.#hold(record)
    return { token, record }
  }

  async revoke(by: Credential, id: string): Promise<void> {
    const { clock, records } = this.#deps
    const held = this.#held.get(keyOf(id))
    if (held?.record.id !== id) throw unknownToken()
    const entry = entryOf(by, deed('token.revoked', held.record), clock.now())
    if (!(await records.remove(id, entry))) throw unknownToken()
    this.#drop(held.record)
  }

  /** Drops those of a tenant that was removed, and its tokens with it. */
  forgetTenant(tenant: string): void {
    for (const { record } of [...this.#held.values()]) if (record.tenant === tenant) this.#drop(record)
  }

  #hold(record: TokenRecord): void {
    const { id, digest, expiresAt, lastUsedAt } = record
    const grant = { digest, credential: credentialOf(record), expiresAt }
    this.#held.set(keyOf(id), { record, ...grant, lastUsedAt })
    if (expiresAt !== null) this.#expiries.add(id, expiresAt)
  }

  #drop({ id }: TokenRecord): void {
    this.#held.delete(keyOf(id))
    this.#expiries.remove(id)
    this.#tell(id)
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id)
  }
}

function toRecord(id: string, digest: string, by: Credential, wanted: NewToken, now: number): TokenRecord {
  const { name = '', role = 'tenant', tenant = by.tenant, pools, kinds, paths = false, expiresInSeconds } = wanted
  if (role === 'admin' && (pools || kinds)) {
    throw new Refusal('BAD_REQUEST', 'an admin token may do everything: leave pools and kinds out, or the role')
  }
  return {
    id,
    digest,
    name,
    tenant,
    role,
    pools: pools ?? null,
    kinds: kinds ?? null,
    paths: role === 'admin' || paths,
    createdAt: now,
    expiresAt: expiresInSeconds === undefined ? null : Math.round(now + expiresInSeconds * 1000),
    lastUsedAt: null,
  }
}

function credentialOf({ id, tenant, role, pools, kinds, paths }: TokenRecord): Credential {
  return {
    tenant,
    role,
    tokenId: id,
    ...(pools && { pools }),
    ...(kinds && { kinds }),
    ...(paths && { mayReadPaths: true }),
  }
}

function deed(action: string, { id, tenant, role, name, pools, kinds, paths, expiresAt }: TokenRecord) {
  const scopes = { pools: pools && [...pools], kinds: kinds && [...kinds], paths }
  return { action, subject: id, tenant, detail: { role, name, ...scopes, expiresAt } }
}

function unknownToken(): Refusal {
  return new Refusal('NOT_FOUND', 'there is no token with this id: GET /v1/tokens lists them')
}
