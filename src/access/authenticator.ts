import { tenantNamePattern } from '../contract/fragments.ts'
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'
import type { Authenticate, Credential } from './credential.ts'
import { type Grant, type Grants, grantOf } from './grants.ts'
import { looksLikeIdentity } from './oidc/verify.ts'

/** Identity tokens are long, and no token is longer. */
const bearer = /^Bearer +([!-~]{1,8192}) *$/i

export interface AuthenticatorDeps<G extends Grant> {
  readonly admin: Grant
  readonly grants: Grants<G>
  /** Left out where no issuer is trusted. */
  readonly identities?: { identify(token: string): Credential | Promise<Credential> } | undefined
  readonly tenants: { has(name: string): boolean }
  readonly clock: Pick<Clock, 'now'>
}

export function authenticator<G extends Grant>(deps: AuthenticatorDeps<G>): Authenticate {
  const { admin, grants, identities, tenants, clock } = deps
  return ({ authorization, actFor }) => {
    const token = authorization === undefined ? undefined : bearer.exec(authorization)?.[1]
    if (token === undefined) throw new Refusal('UNAUTHORIZED', 'send a token: "Authorization: Bearer <token>"')
    if (identities && looksLikeIdentity(token)) {
      const found = identities.identify(token)
      return found instanceof Promise ? found.then((one) => acting(one, actFor)) : acting(found, actFor)
    }
    return acting(grantOf(token, grants, admin, clock.now()).credential, actFor)
  }

  function acting(credential: Credential, actFor: string | undefined): Credential {
    if (actFor !== undefined && actFor !== credential.tenant) refuseActing(actFor, credential)
    const tenant = actFor ?? credential.tenant
    if (!tenants.has(tenant)) {
      throw new Refusal('BAD_REQUEST', `there is no tenant ${tenant}: an admin can create it with POST /v1/tenants`)
    }
    return tenant === credential.tenant ? credential : { ...credential, tenant }
  }
}

function refuseActing(tenant: string, { role }: Credential): void {
  if (role !== 'admin') {
    throw new Refusal('FORBIDDEN', 'only an admin token may act for another tenant: leave Mayfly-Tenant out')
  }
  if (!tenantNamePattern.test(tenant)) {
    throw new Refusal('BAD_REQUEST', 'Mayfly-Tenant must be lower case letters, digits and "-", at most 63 in all')
  }
}
