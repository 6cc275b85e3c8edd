import { verify } from 'node:crypto'
import type { EmulatedOrg } from '../org.ts'
import { password } from './login.ts'

/** A refusal of the token endpoint: `code` is OAuth's, the message is what Salesforce says. */
export class OAuthError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

interface Granted {
  readonly userId: string
  readonly clientId: string
  /** A new one to hand out. */
  readonly refreshToken?: string
}

type Grant = (org: EmulatedOrg, form: URLSearchParams) => Granted

/** By `grant_type`. */
export const grants: Readonly<Record<string, Grant>> = {
  refresh_token: (org, form) => {
    const given = form.get('refresh_token') ?? ''
    const grant = org.sessions.grantOf(given)
    if (!grant) throw new OAuthError('invalid_grant', 'expired access/refresh token')
    checkClient(org, form, { secret: form.has('client_secret') })
    return org.sessions.rotate ? { ...grant, refreshToken: org.sessions.replace(given, grant) } : grant
  },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': (org, form) => {
    checkAssertion(org, form.get('assertion') ?? '')
    return { userId: org.userId, clientId: org.sessions.app.clientId }
  },
  client_credentials: (org, form) => {
    checkClient(org, form, { secret: true })
    return { userId: org.userId, clientId: org.sessions.app.clientId }
  },
  authorization_code: (org, form) => {
    const grant = org.sessions.takeCode(form.get('code'))
    if (!grant) throw new OAuthError('invalid_grant', 'expired authorization code')
    if (!form.get('redirect_uri')) throw new OAuthError('redirect_uri_missing', 'missing required redirect_uri')
    return { ...grant, refreshToken: org.sessions.makeRefreshToken(grant) }
  },
  password: (org, form) => {
    checkClient(org, form, { secret: true })
    if (form.get('username') !== org.username || form.get('password') !== password) {
      throw new OAuthError('invalid_grant', 'authentication failure')
    }
    return { userId: org.userId, clientId: org.sessions.app.clientId }
  },
}

function checkClient(org: EmulatedOrg, form: URLSearchParams, { secret }: { readonly secret: boolean }): void {
  const { clientId, clientSecret } = org.sessions.app
  if (form.get('client_id') !== clientId) throw new OAuthError('invalid_client_id', 'client identifier invalid')
  if (secret && form.get('client_secret') !== clientSecret) {
    throw new OAuthError('invalid_client', 'invalid client credentials')
  }
}

function checkAssertion(org: EmulatedOrg, assertion: string): void {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  const claims = claimsOf(payload)
  if (claims.iss !== org.sessions.app.clientId) throw new OAuthError('invalid_client_id', 'client identifier invalid')
  const signed = Buffer.from(`${header}.${payload}`)
  const isGenuine = verify('RSA-SHA256', signed, org.sessions.keys.publicKey, Buffer.from(signature, 'base64url'))
  if (!isGenuine) throw new OAuthError('invalid_grant', 'invalid assertion')
  if (typeof claims.exp !== 'number' || claims.exp * 1000 < org.now()) {
    throw new OAuthError('invalid_grant', 'expired authorization code')
  }
  if (!org.audiences().includes(String(claims.aud))) throw new OAuthError('invalid_grant', 'audience is invalid')
  if (claims.sub !== org.username) throw new OAuthError('invalid_grant', "user hasn't approved this consumer")
}

function claimsOf(payload: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  } catch {
    throw new OAuthError('invalid_grant', 'invalid assertion')
  }
}
