import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../system/clock.ts'
import { messageOf } from '../../system/message.ts'
import { Refusal } from '../../task/errors.ts'

/** So old they are looked for anew, beside what goes on. */
const freshMs = 10 * 60_000
/** So old they are used while the issuer does not answer. */
const staleMs = 24 * 60 * 60_000
/** Whatever comes, the issuer is asked no more often. */
const againMs = 30_000

export interface KeysDeps {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Asks the issuer, in bounded time. */
  readonly fetchKeys: (issuer: string) => Promise<JSONWebKeySet>
}

/** The public keys of one issuer. Keys that nobody knows cost it one question in half a minute, however many ask. */
export class Keys {
  readonly #issuer: string
  readonly #deps: KeysDeps
  #known: JSONWebKeySet = { keys: [] }
  #knownAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  constructor(issuer: string, deps: KeysDeps) {
    this.#issuer = issuer
    this.#deps = deps
  }

  /** A set with this key in it. Throws UNAUTHORIZED where there is none. */
  async with(kid: string | undefined): Promise<JSONWebKeySet> {
    if (this.#has(kid)) {
      if (this.#age > freshMs) this.#ask().catch(() => {})
      return this.#known
    }
    const found = this.#ask()
    await found
    if (this.#has(kid)) return this.#known
    throw new Refusal(
      'UNAUTHORIZED',
      `${this.#issuer} has no key of this token: get another one, and try again in half a minute`,
    )
  }

  get #age(): number {
    return this.#deps.clock.monotonic() - this.#knownAt
  }

  #has(kid: string | undefined): boolean {
    return kid !== undefined && this.#age <= staleMs && this.#known.keys.some((key) => key.kid === kid)
  }

  /** One question at a time; none where there was one a moment ago. */
  #ask(): Promise<void> {
    const now = this.#deps.clock.monotonic()
    if (!this.#asking && now - this.#askedAt >= againMs) {
      this.#askedAt = now
      this.#asking = this.#fetch().finally(() => {
        this.#asking = undefined
      })
    }
    return this.#asking ?? Promise.resolve()
  }

  async #fetch(): Promise<void> {
    const { clock, fetchKeys } = this.#deps
    try {
      this.#known = await fetchKeys(this.#issuer)
      this.#knownAt = clock.monotonic()
    } catch (error) {
      throw new Refusal(
        'UNAUTHORIZED',
        `the keys of ${this.#issuer} cannot be had (${messageOf(error)}): try again in half a minute`,
        { cause: error },
      )
    }
  }
}
