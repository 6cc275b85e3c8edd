import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'
import type { Credential } from './credential.ts'

const lifeMs = 30_000
/** A ticket is used at once: a token that holds so many is not opening streams. */
const mostPerToken = 100
const most = 20_000

interface Held {
  readonly credential: Credential
  readonly expiresAt: number
}

export interface TicketsDeps {
  readonly clock: Pick<Clock, 'now'>
  /** Whether what was granted by this token is still granted. */
  readonly stands: (tokenId: string) => boolean
}

/**
 * What a browser opens a stream with, since its WebSockets send no header: a ticket stands in an address, which may be
 * logged on the way, so it opens one stream, soon, and nothing else. In memory only, as digests.
 */
export class Tickets {
  readonly #deps: TicketsDeps
  /** Oldest first, and so in the order in which they expire. */
  readonly #held = new Map<string, Held>()
  readonly #perToken = new Map<string, number>()

  constructor(deps: TicketsDeps) {
    this.#deps = deps
  }

  /** For a stream of whoever asks. `expiresAt`: milliseconds since 1970. */
  issue(credential: Credential): { readonly ticket: string; readonly expiresAt: number } {
    const now = this.#deps.clock.now()
    this.#forgetExpired(now)
    if (this.#held.size >= most || (this.#perToken.get(credential.tokenId) ?? 0) >= mostPerToken) {
      throw new Refusal('TOO_MANY', `at most ${mostPerToken} unused tickets of a token: open streams with them first`)
    }
    const ticket = randomBytes(32).toString('base64url')
    const expiresAt = now + lifeMs
    this.#held.set(digestOf(ticket), { credential, expiresAt })
    this.#tally(credential, 1)
    return { ticket, expiresAt }
  }

  /** Whose it was; it is of no more use. Throws UNAUTHORIZED for one that is unknown, used, expired or of a token that has ended. */
  redeem(ticket: string): Credential {
    this.#forgetExpired(this.#deps.clock.now())
    const digest = digestOf(ticket)
    const held = this.#held.get(digest)
    if (held) this.#drop(digest, held)
    if (!held || !this.#deps.stands(held.credential.tokenId)) {
      throw new Refusal('UNAUTHORIZED', 'this ticket is not valid any more: get one with POST /v1/stream/tickets')
    }
    return held.credential
  }

  #forgetExpired(now: number): void {
    for (const [digest, held] of this.#held) {
      if (held.expiresAt > now) return
      this.#drop(digest, held)
    }
  }

  #drop(digest: string, { credential }: Held): void {
    this.#held.delete(digest)
    this.#tally(credential, -1)
  }

  #tally({ tokenId }: Credential, change: number): void {
    const count = (this.#perToken.get(tokenId) ?? 0) + change
    if (count === 0) this.#perToken.delete(tokenId)
    else this.#perToken.set(tokenId, count)
  }
}

/** Found by its digest, so that no comparison tells how much of a guess was right. */
function digestOf(ticket: string): string {
  return hash('sha256', ticket, 'hex')
}
