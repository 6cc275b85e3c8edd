import { timingSafeEqual } from 'node:crypto'
import type { Credential } from './credential.ts'
import { digestOf } from './token.ts'

/** What a token with this digest grants. */
export interface Grant extends Credential {
  readonly digest: Buffer
}

/** Where grants are found; the admin's alone for now, a table of tokens later. */
export interface Grants {
  find(digest: Buffer): Grant | undefined
}

/** The grant of the admin token: everything, as the tenant that a first start creates. */
export function adminGrant(token: string): Grants {
  const grant: Grant = { digest: digestOf(token), tenant: 'default', role: 'admin' }
  return { find: (digest) => (timingSafeEqual(grant.digest, digest) ? grant : undefined) }
}
