import type { Journal } from '../journal/journal.ts'
import type { Clock } from '../system/clock.ts'
import { Admission, type AdmissionTerms } from './admission.ts'
import { authenticator } from './authenticator.ts'
import type { Authenticate } from './credential.ts'
import { adminGrant } from './grants.ts'
import { Identities, type Issuer } from './oidc/identities.ts'
import { Tenants } from './tenants.ts'
import { Tickets } from './tickets.ts'
import { Tokens } from './tokens.ts'

export interface AccessDeps {
  readonly journal: Pick<Journal, 'tenants' | 'tokens'>
  readonly clock: Clock
  /** The token of the data directory. */
  readonly adminToken: string
  readonly terms: AdmissionTerms
  /** Whose identity tokens are taken. */
  readonly issuers?: readonly Issuer[]
}

/** Who may do what: tenants, tokens and quotas, in memory as they are on disk, and the tickets that are about. */
export interface Access {
  readonly tenants: Tenants
  readonly tokens: Tokens
  readonly tickets: Tickets
  readonly admission: Admission
  readonly authenticate: Authenticate
  /** Whether what was granted by the token with this id is still granted. */
  stands(tokenId: string): boolean
  /** Called with the id of each token that is revoked or expires, from then on. */
  onEnd(listener: (tokenId: string) => void): void
}

export async function openAccess({ journal, clock, adminToken, terms, issuers = [] }: AccessDeps): Promise<Access> {
  const tenants = await Tenants.open({ records: journal.tenants, clock })
  const tokens = await Tokens.open({ records: journal.tokens, tenants, clock })
  const identities = issuers.length > 0 ? new Identities({ issuers, clock, fetchKeys }) : undefined
  const stands = (id: string) => tokens.stands(id) || identities?.stands(id) === true
  const tickets = new Tickets({ clock, stands })
  const admission = new Admission({ tenants, terms, clock })
  tenants.listen({
    removed(name) {
      tokens.forgetTenant(name)
      identities?.forgetTenant(name)
      admission.forgetTenant(name)
    },
  })
  const authenticate = authenticator({ admin: adminGrant(adminToken), grants: tokens, identities, tenants, clock })
  return {
    tenants,
    tokens,
    tickets,
    admission,
    authenticate,
    stands,
    onEnd(listener) {
      tokens.onEnd(listener)
      identities?.onEnd(listener)
    },
  }
}

async function fetchKeys(issuer: string) {
  return (await import('./oidc/fetch-keys.ts')).fetchKeys(issuer)
}
