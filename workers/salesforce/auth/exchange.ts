/** From a login to a session: one request to Salesforce, by the way that the login's kind says. */

import { FatalError } from '../../errors/steering.ts'
import { elementOf } from '../answer.ts'
import { SalesforceError } from '../errors.ts'
import type { Session } from '../session.ts'
import { TIMEOUTS } from '../timeouts.ts'
import type { Transport } from '../transport.ts'
import { assertionOf, expiryOf } from './jwt.ts'
import type { Login } from './login.ts'
import { safeOrigin } from './origin.ts'
import { refusalOf, verdictOf } from './refusal.ts'

export interface Exchanged {
  readonly session: Session
  /** The login that was kept, where Salesforce has replaced the refresh token; otherwise null. */
  readonly rotated: Login | null
}

export interface ExchangeOptions {
  readonly transport: Transport
  /** As the org's session settings say; Salesforce does not tell when a session ends. */
  readonly sessionSeconds: number
  /** Told of every token as soon as it has come, and waited for: they are masked from then on. */
  readonly known: (token: string) => Promise<void>
  /**
   * Told of a login that is to be used from now on as soon as it has come, and waited for: the one before, or the code, is
   * spent by then, and whatever is asked with the new session may take long or fail.
   */
  readonly keep: (login: Login) => Promise<void>
}

/** Rejects with AUTH_INVALID, AUTH_CONFIG, or with what may go better next time. */
export async function exchange(login: Login, options: ExchangeOptions): Promise<Exchanged> {
  try {
    const granted = await grantOf(login, options)
    await learn(granted, options)
    const rotated = rotatedOf(granted, login)
    if (rotated) await options.keep(rotated)
    return { session: await sessionOf(granted, login, options), rotated }
  } catch (error) {
    throw error instanceof SalesforceError ? refusalOf(error) : error
  }
}

/** For a code that was given to this app, as that of a new scratch org: the login is kept, and this its first session. */
export async function redeem(
  {
    code,
    redirectUri,
    ...login
  }: { code: string; redirectUri: string; clientId: string; clientSecret?: string; loginUrl: string },
  options: ExchangeOptions,
): Promise<Session> {
  const { transport } = options
  try {
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...clientOf(login) }
    const granted = await tokenOf(login.loginUrl, form, transport)
    await learn(granted, options)
    const lasting: Login = { kind: 'refreshToken', ...login, refreshToken: granted.refresh_token ?? '' }
    if (!granted.refresh_token)
      throw new FatalError('the connected app gives no refresh token: add the scope refresh_token', {
        code: 'AUTH_CONFIG',
      })
    await options.keep(lasting)
    return sessionOf(granted, lasting, options)
  } catch (error) {
    throw error instanceof SalesforceError ? refusalOf(error) : error
  }
}

async function learn({ access_token, refresh_token }: Granted, { known }: ExchangeOptions): Promise<void> {
  await known(access_token)
  if (refresh_token) await known(refresh_token)
}

interface Granted {
  readonly access_token: string
  readonly instance_url: string
  /** …/id/<org>/<user> */
  readonly id: string
  readonly issued_at?: string
  readonly refresh_token?: string
}

/** As it comes, which may be anything. */
type Told = Partial<Record<'access_token' | 'instance_url' | 'id', unknown>>

async function grantOf(login: Login, { transport, known }: ExchangeOptions): Promise<Granted> {
  switch (login.kind) {
    case 'accessToken':
      return { access_token: login.accessToken, instance_url: login.instanceUrl, id: '' }
    case 'jwt': {
      const assertion = assertionOf(login, Date.now())
      await known(assertion)
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
      return tokenOf(login.loginUrl, form, transport)
    }
    case 'clientCredentials':
      return tokenOf(login.loginUrl, { grant_type: 'client_credentials', ...clientOf(login) }, transport)
    case 'refreshToken':
      return refreshed(login, transport)
    case 'password':
      return loggedIn(login, transport)
  }
}

type RefreshLogin = Extract<Login, { kind: 'refreshToken' }>

/** With the token before it when this one is refused: the answer that brought this one may have been the last of its kind. */
async function refreshed(login: RefreshLogin, transport: Transport): Promise<Granted> {
  const { loginUrl, refreshToken, previousRefreshToken } = login
  const form = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token, ...clientOf(login) })
  try {
    return await tokenOf(loginUrl, form(refreshToken), transport)
  } catch (error) {
    const isRevoked = error instanceof SalesforceError && verdictOf(error) === 'revoked'
    if (!isRevoked || previousRefreshToken === undefined) throw error
    // What the first one was refused with says more than that of one that is old.
    return tokenOf(loginUrl, form(previousRefreshToken), transport).catch(() => Promise.reject(error))
  }
}

function clientOf({ clientId, clientSecret }: { clientId: string; clientSecret?: string }): Record<string, string> {
  return { client_id: clientId, ...(clientSecret && { client_secret: clientSecret }) }
}

async function tokenOf(url: string, form: Record<string, string>, transport: Transport): Promise<Granted> {
  const call = { ...formCall(`${url}/services/oauth2/token`, form), step: 'logging in' }
  return checked(await transport.json<Told | null>(call))
}

/** The session is sent to where the answer says: to no place that a login could not name itself. */
function checked(granted: Told | null): Granted {
  const { access_token: token, instance_url: url, id = '' } = granted ?? {}
  const origin = safeOrigin(url)
  if (typeof token === 'string' && token !== '' && origin !== undefined)
    return { ...granted, access_token: token, instance_url: origin, id: String(id) }
  const what = origin === undefined ? 'no https address of the org' : 'no session'
  const message = `what answers the login gives ${what}: look at the loginUrl of the login that is stored for the org`
  throw new FatalError(message, { code: 'AUTH_CONFIG' })
}

function formCall(url: string, form: Record<string, string>) {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
    repeatable: true,
    timeoutMs: TIMEOUTS.look,
  }
}

const loginVersion = '62.0'

/** Retired by Salesforce in summer 2027. */
async function loggedIn(login: Extract<Login, { kind: 'password' }>, transport: Transport): Promise<Granted> {
  const envelope = `<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>${escaped(login.username)}</username><password>${escaped(login.password)}</password></login></se:Body></se:Envelope>`
  const { body } = await transport.send({
    method: 'POST',
    url: `${login.loginUrl}/services/Soap/u/${loginVersion}`,
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: envelope,
    step: 'logging in',
    timeoutMs: TIMEOUTS.look,
  })
  if (elementOf('passwordExpired', body) === 'true')
    throw new FatalError('the password that is stored for the org has expired: set a new one and store it', {
      code: 'AUTH_INVALID',
    })
  const [serverUrl, token] = [elementOf('serverUrl', body), elementOf('sessionId', body)]
  const id = `/id/${elementOf('organizationId', body)}/${elementOf('userId', body)}`
  return checked({ access_token: token, instance_url: serverUrl, id })
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

async function sessionOf(
  granted: Granted,
  login: Login,
  { transport, sessionSeconds }: ExchangeOptions,
): Promise<Session> {
  const { access_token: accessToken, instance_url: instanceUrl } = granted
  const issuedAtMs = Date.now()
  // By the org's clock, as is the end that it tells of.
  const aheadMs = Number(granted.issued_at ?? issuedAtMs) - issuedAtMs || 0
  const user = checkedUser(await userOf(granted, login, transport))
  const assumed = login.kind === 'accessToken' ? null : issuedAtMs + sessionSeconds * 1_000
  const told = expiryOf(accessToken) ?? (await introspected(accessToken, login, transport))
  return { accessToken, instanceUrl, ...user, issuedAtMs, expiresAtMs: told === null ? assumed : told - aheadMs }
}

/** Also tells whether the session works. Apps that may not ask who it is have it from the answer that brought the token. */
async function userOf(granted: Granted, login: Login, transport: Transport) {
  const [orgId = '', userId = ''] = granted.id.split('/').slice(-2)
  try {
    const info = await userInfo(granted, transport)
    const username = typeof info?.preferred_username === 'string' ? info.preferred_username : null
    return { orgId: String(info?.organization_id), userId: String(info?.user_id), username }
  } catch (error) {
    if (!(error instanceof SalesforceError && error.status === 403 && userId !== '')) throw error
    return { orgId, userId, username: login.kind === 'jwt' ? login.username : null }
  }
}

const isId = /^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$/

/** Files here are named after the org. */
function checkedUser<U extends Pick<Session, 'orgId' | 'userId'>>(user: U): U {
  if (isId.test(user.orgId) && isId.test(user.userId)) return user
  const message =
    'what answers in place of the org gives no id of an org and a user: look at the addresses in the login that is stored for the org'
  throw new FatalError(message, { code: 'AUTH_CONFIG' })
}

/** As it comes, too. */
type UserInfo = Partial<Record<'organization_id' | 'user_id' | 'preferred_username', unknown>> | null

async function userInfo({ access_token: token, instance_url: url }: Granted, transport: Transport): Promise<UserInfo> {
  const headers = { authorization: `Bearer ${token}` }
  const step = 'asking who is logged in'
  return transport.json({ method: 'GET', url: `${url}/services/oauth2/userinfo`, headers, step })
}

/** Null where the app may not ask. */
async function introspected(token: string, login: Login, transport: Transport): Promise<number | null> {
  if (!('clientSecret' in login) || login.clientSecret === undefined) return null
  const form = { token, token_type_hint: 'access_token', ...clientOf(login) }
  try {
    const call = formCall(`${login.loginUrl}/services/oauth2/introspect`, form)
    const step = 'asking when the session ends'
    const { active, exp } = await transport.json<{ active?: boolean; exp?: number }>({ ...call, step })
    return active && typeof exp === 'number' ? exp * 1_000 : null
  } catch (error) {
    if (error instanceof SalesforceError) return null
    throw error
  }
}

function rotatedOf({ refresh_token: refreshToken }: Granted, login: Login): Login | null {
  if (login.kind !== 'refreshToken' || !refreshToken || refreshToken === login.refreshToken) return null
  return { ...login, refreshToken, previousRefreshToken: login.refreshToken }
}
