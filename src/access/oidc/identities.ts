import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../system/clock.ts'
import { Refusal } from '../../task/errors.ts'
import type { Credential } from '../credential.ts'
import { Expiries } from '../expiries.ts'
import { digestOf } from '../token.ts'
import { Keys } from './keys.ts'
import { type Rule, ruleFor } from './rules.ts'
import { claimedBy, prove } from './verify.ts'

export interface Issuer {
  readonly issuer: string
  readonly audience: string
  readonly allow: readonly Rule[]
}

export interface IdentitiesDeps {
  readonly issuers: readonly Issuer[]
  readonly clock: Clock
  /** Asks an issuer for its keys; loaded when the first token comes. */
  readonly fetchKeys: (issuer: string) => Promise<JSONWebKeySet>
}

interface Trusted extends Issuer {
  readonly keys: Keys
}

interface Held {
  readonly credential: Credential
  readonly expiresAt: number
}

/** Each a token of some minutes. */
const most = 10_000
/** Nobody knows yet whose these are. */
const mostUnderway = 200

/**
 * Whoever proved to be somebody with a token of an issuer that is trusted. One that has been proven is known until it
 * expires, by its digest: what follows it costs no more than a stored one.
 */
export class Identities {
  readonly #trusted: ReadonlyMap<string, Trusted>
  readonly #clock: Clock
  readonly #held = new Map<string, Held>()
  /** Digests by the ids of tokens. */
  readonly #ids = new Map<string, string>()
  readonly #underway = new Map<string, Promise<Credential>>()
  readonly #expiries: Expiries
  readonly #listeners: ((id: string) => void)[] = []

  constructor({ issuers, clock, fetchKeys }: IdentitiesDeps) {
    this.#clock = clock
    const trusted = (one: Issuer): Trusted => ({ ...one, keys: new Keys(one.issuer, { clock, fetchKeys }) })
    this.#trusted = new Map(issuers.map((one) => [one.issuer, trusted(one)]))
    this.#expiries = new Expiries(clock, (id) => this.#end(id))
  }

  /** Called with the id of each token that expires, from then on. */
  onEnd(listener: (id: string) => void): void {
    this.#listeners.push(listener)
  }

  stands(id: string): boolean {
    const digest = this.#ids.get(id)
    return digest !== undefined && (this.#held.get(digest)?.expiresAt ?? 0) > this.#clock.now()
  }

  /** Who it is, at once where it has been here before. Throws Refusal. */
  identify(token: string): Credential | Promise<Credential> {
    const digest = digestOf(token)
    const held = this.#held.get(digest)
    if (held && held.expiresAt > this.#clock.now()) return held.credential
    const underway = this.#underway.get(digest)
    if (underway) return underway
    if (this.#underway.size >= mostUnderway || this.#held.size >= most) {
      throw new Refusal('TOO_MANY', 'too many identity tokens come at once: try again in a moment')
    }
    const proving = this.#prove(token, digest).finally(() => this.#underway.delete(digest))
    this.#underway.set(digest, proving)
    return proving
  }

  /** Forgets those of a tenant that was removed. */
  forgetTenant(tenant: string): void {
    for (const { credential } of [...this.#held.values()])
      if (credential.tenant === tenant) this.#end(credential.tokenId)
  }

  async #prove(token: string, digest: string): Promise<Credential> {
    const { issuer, kid } = await claimedBy(token)
    const trusted = this.#trusted.get(issuer)
    if (!trusted) throw new Refusal('UNAUTHORIZED', 'the issuer of this identity token is none that this server trusts')
    const { audience, allow, keys } = trusted
    const known = await keys.with(kid)
    const { claims, subject, expiresAt } = await prove(token, { issuer, audience, keys: known, now: this.#clock.now() })
    const rule = ruleFor(allow, claims)
    if (!rule) {
      throw new Refusal('FORBIDDEN', `no rule of this server lets in ${subject}: its operator sets that in oidc`)
    }
    const { tenant, pools, kinds } = rule
    // Whoever reads the audit log sees who it was, and tokens of the same subject apart.
    const tokenId = `${issuer} ${subject} ${digest.slice(0, 16)}`
    const credential = { tenant, role: 'tenant' as const, tokenId, ...(pools && { pools }), ...(kinds && { kinds }) }
    this.#held.set(digest, { credential, expiresAt })
    this.#ids.set(tokenId, digest)
    this.#expiries.add(tokenId, expiresAt)
    return credential
  }

  #end(id: string): void {
    this.#held.delete(this.#ids.get(id) ?? '')
    this.#ids.delete(id)
    this.#expiries.remove(id)
    for (const listener of this.#listeners) listener(id)
  }
}
