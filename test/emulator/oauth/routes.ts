import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, elementOf, formOf } from '../request.ts'
import type { Route } from '../route.ts'
import type { Session } from '../sessions.ts'
import { elements, namespaces, soapAnswer, soapFault, unescapeXml } from '../soap.ts'
import { grants, OAuthError } from './grants.ts'
import { password } from './login.ts'

export const oauthRoutes: readonly Route[] = [
  { method: 'POST', path: '/services/oauth2/token', open: true, handle: token },
  { method: 'POST', path: '/services/oauth2/revoke', open: true, handle: revoke },
  { method: 'GET', path: '/services/oauth2/revoke', open: true, handle: revoke },
  { method: 'POST', path: '/services/oauth2/introspect', open: true, handle: introspect },
  { method: 'GET', path: '/services/oauth2/userinfo', handle: userinfo },
  { method: 'GET', path: '/id/:org/:user', handle: identity },
  { method: 'POST', path: '/services/Soap/u/:version', call: 'login', open: true, handle: soapLogin },
  { method: 'POST', path: '/services/Soap/u/:version/:org', call: 'logout', handle: soapLogout },
  { method: 'POST', path: '/services/Soap/u/:version', call: 'logout', handle: soapLogout },
]

function token(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const form = formOf(request)
  try {
    const grant = grants[form.get('grant_type') ?? '']
    if (!grant) throw new OAuthError('unsupported_grant_type', 'grant type not supported')
    const { userId, clientId, refreshToken } = grant(org, form)
    const session = org.sessions.open({ userId, clientId })
    return json({ ...tokenAnswer(org, session), ...(refreshToken ? { refresh_token: refreshToken } : {}) })
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    return json({ error: error.code, error_description: error.message }, 400)
  }
}

function tokenAnswer(org: EmulatedOrg, { token, userId, issuedAtMs }: Session): Record<string, string> {
  return {
    access_token: token,
    scope: 'api refresh_token',
    instance_url: org.url,
    id: `${org.url}/id/${org.id}/${userId}`,
    token_type: 'Bearer',
    issued_at: String(issuedAtMs),
    signature: 'c2lnbmF0dXJl',
  }
}

function revoke(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const token = request.query.get('token') ?? formOf(request).get('token')
  if (org.sessions.revoke(token)) return { status: 200 }
  return {
    status: 400,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'error=unsupported_token_type&error_description=this+token+type+is+not+supported',
  }
}

function introspect(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const form = formOf(request)
  const { clientId, clientSecret } = org.sessions.app
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
    return json({ error: 'invalid_client', error_description: 'invalid client credentials' }, 400)
  }
  const session = org.sessions.find(form.get('token'))
  if (!session) return json({ active: false })
  return json({
    active: true,
    scope: 'api refresh_token',
    client_id: session.clientId,
    username: org.username,
    sub: `${org.url}/id/${org.id}/${session.userId}`,
    token_type: 'access_token',
    iat: Math.floor(session.issuedAtMs / 1000),
    exp: Math.floor(session.expiresAtMs / 1000),
  })
}

function userinfo(org: EmulatedOrg, { session }: EmulatedRequest): Answer {
  return json({
    sub: `${org.url}/id/${org.id}/${session?.userId}`,
    user_id: session?.userId,
    organization_id: org.id,
    preferred_username: org.username,
    active: true,
  })
}

function identity(org: EmulatedOrg, { params, session }: EmulatedRequest): Answer {
  if (params.org !== org.id || params.user !== session?.userId) throw new ApiError(403, 'FORBIDDEN', 'Wrong_Org')
  const id = `${org.url}/id/${org.id}/${session?.userId}`
  return json({ id, user_id: session?.userId, organization_id: org.id, username: org.username, active: true })
}

function soapLogin(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const text = request.body.toString()
  const given = { username: elementOf(text, 'username'), password: unescapeXml(elementOf(text, 'password') ?? '') }
  if (given.username !== org.username || given.password !== password) {
    return soapFault(
      'sf:INVALID_LOGIN',
      'INVALID_LOGIN: Invalid username, password, security token; or user locked out.',
    )
  }
  const session = org.sessions.open({ userId: org.userId, clientId: 'soap' })
  const { version } = request.params
  const result = {
    metadataServerUrl: `${org.url}/services/Soap/m/${version}/${org.id}`,
    passwordExpired: false,
    sandbox: true,
    serverUrl: `${org.url}/services/Soap/u/${version}/${org.id}`,
    sessionId: session.token,
    userId: org.userId,
    userInfo: { organizationId: org.id, userName: org.username },
  }
  return soapAnswer('login', elements({ result }), namespaces.partner)
}

function soapLogout(org: EmulatedOrg, { session }: EmulatedRequest): Answer {
  org.sessions.revoke(session?.token ?? null)
  return soapAnswer('logout', '', namespaces.partner)
}
