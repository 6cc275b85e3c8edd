import type { Journal } from '../journal/journal.ts'
import type { Clock } from '../system/clock.ts'
import { Admission, type AdmissionTerms } from './admission.ts'
import { authenticator } from './authenticator.ts'
import type { Authenticate } from './credential.ts'
import { adminGrant } from './grants.ts'
import { Tenants } from './tenants.ts'
import { Tickets } from './tickets.ts'
import { Tokens } from './tokens.ts'

export interface AccessDeps {
  readonly journal: Pick<Journal, 'tenants' | 'tokens'>
  readonly clock: Clock
  /** The token of the data directory. */
  readonly adminToken: string
  readonly terms: AdmissionTerms
}

/** Who may do what: tenants, tokens and quotas, in memory as they are on disk, and the tickets that are about. */
export interface Access {
  readonly tenants: Tenants
  readonly tokens: Tokens
  readonly tickets: Tickets
  readonly admission: Admission
  readonly authenticate: Authenticate
}

export async function openAccess({ journal, clock, adminToken, terms }: AccessDeps): Promise<Access> {
  const tenants = await Tenants.open({ records: journal.tenants, clock })
  const tokens = await Tokens.open({ records: journal.tokens, tenants, clock })
  const tickets = new Tickets({ clock, stands: (id) => tokens.stands(id) })
  const admission = new Admission({ tenants, terms, clock })
  tenants.listen({
    removed(name) {
      tokens.forgetTenant(name)
      admission.forgetTenant(name)
    },
  })
  const authenticate = authenticator({ admin: adminGrant(adminToken), grants: tokens, tenants, clock })
  return { tenants, tokens, tickets, admission, authenticate }
}
