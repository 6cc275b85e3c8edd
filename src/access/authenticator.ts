import { Refusal } from '../task/errors.ts'
import type { Authenticate, Credential } from './credential.ts'
import type { Grants } from './grants.ts'
import { digestOf } from './token.ts'

const bearer = /^Bearer +([!-~]{1,256}) *$/i
const tenantName = /^[a-z][a-z0-9-]{0,62}$/

export function authenticator(grants: Grants): Authenticate {
  return ({ authorization, actFor }) => {
    const token = authorization === undefined ? undefined : bearer.exec(authorization)?.[1]
    if (token === undefined) throw new Refusal('UNAUTHORIZED', 'send a token: "Authorization: Bearer <token>"')
    const grant = grants.find(digestOf(token))
    if (!grant) throw new Refusal('UNAUTHORIZED', 'this token is not valid: use another one')
    return actFor === undefined ? { tenant: grant.tenant, role: grant.role } : actingFor(actFor, grant)
  }
}

function actingFor(tenant: string, { tenant: own, role }: Credential): Credential {
  if (role !== 'admin' && tenant !== own) {
    throw new Refusal('FORBIDDEN', 'only an admin token may act for another tenant: leave Mayfly-Tenant out')
  }
  if (!tenantName.test(tenant)) {
    throw new Refusal('BAD_REQUEST', 'Mayfly-Tenant must be lower case letters, digits and "-", at most 63 in all')
  }
  return { tenant, role }
}
