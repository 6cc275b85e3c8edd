import { Refusal } from '../task/errors.ts'
import type { Credential } from './credential.ts'
import { areSameDigests, digestOf, keyIn } from './token.ts'

/** What a token grants, and until when. */
export interface Grant {
  readonly digest: string
  readonly credential: Credential
  readonly expiresAt: number | null
}

/** Where grants are found by the key that their token carries. */
export interface Grants<G extends Grant = Grant> {
  find(key: string): G | undefined
  /** Told of each use of what it found. */
  used(grant: G): void
}

/** What the admin token of the data directory grants: everything, as the tenant that a first start creates. */
export function adminGrant(token: string): Grant {
  const credential = { tenant: 'default', role: 'admin', tokenId: 'admin', mayReadPaths: true } as const
  return { digest: digestOf(token), credential, expiresAt: null }
}

/** What a token grants. One look-up and one comparison in constant time, however many tokens there are. */
export function grantOf<G extends Grant>(token: string, grants: Grants<G>, admin: Grant, now: number): Grant {
  const key = keyIn(token)
  const found = key === undefined ? undefined : grants.find(key)
  const grant = found ?? admin
  if (!areSameDigests(grant.digest, digestOf(token))) {
    throw new Refusal('UNAUTHORIZED', 'this token is not valid: use another one')
  }
  if (grant.expiresAt !== null && grant.expiresAt <= now) {
    throw new Refusal('UNAUTHORIZED', 'this token has expired: use another one')
  }
  if (found) grants.used(found)
  return grant
}
