import { timingSafeEqual } from 'node:crypto'
import { Refusal } from '../task/errors.ts'
import type { Credential } from './credential.ts'
import { digestOf, keyIn } from './token.ts'

/** What a token grants, and until when. */
export interface Grant {
  readonly digest: Uint8Array
  readonly credential: Credential
  readonly expiresAt: number | null
}

/** Where grants are found by the key that their token carries. */
export interface Grants {
  find(key: string): Grant | undefined
  /** Told of each use. */
  used(grant: Grant): void
}

/** What the admin token of the data directory grants: everything, as the tenant that a first start creates. */
export function adminGrant(token: string): Grant {
  const credential = { tenant: 'default', role: 'admin', tokenId: 'admin', mayReadPaths: true } as const
  return { digest: digestOf(token), credential, expiresAt: null }
}

/** What a token grants. One look-up and one comparison in constant time, however many tokens there are. */
export function grantOf(token: string, grants: Grants, admin: Grant, now: number): Grant {
  const key = keyIn(token)
  const grant = (key === undefined ? undefined : grants.find(key)) ?? admin
  if (!timingSafeEqual(grant.digest, digestOf(token))) {
    throw new Refusal('UNAUTHORIZED', 'this token is not valid: use another one')
  }
  if (grant.expiresAt !== null && grant.expiresAt <= now) {
    throw new Refusal('UNAUTHORIZED', 'this token has expired: use another one')
  }
  grants.used(grant)
  return grant
}
