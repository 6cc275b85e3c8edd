import { sign } from 'node:crypto'
import { Connection } from 'jsforce/lib/connection.js'
import { OAuth2 } from 'jsforce/lib/oauth2.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.ts'
import type { EmulatedOrg } from '../org.ts'

const bearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

let emulator: Emulator
let org: EmulatedOrg
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'first' }, { name: 'prod' }] })
  org = emulator.org('prod')
})
afterAll(async () => {
  await emulator.close()
})

it('takes a JWT that is signed by the app, in time, for itself, for a user who agreed, and no other', async () => {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: org.sessions.app.clientId, sub: org.username, aud: emulator.url, exp: now + 60 }
  expect(await token({ grant_type: bearer, assertion: jwt(good) })).toMatchObject({ instance_url: org.url })
  const wrong: readonly (readonly [string, string])[] = [
    [jwt({ ...good, exp: now - 1 }), 'expired authorization code'],
    [jwt({ ...good, aud: 'https://elsewhere.example.com' }), 'audience is invalid'],
    [jwt({ ...good, iss: 'nobody' }), 'client identifier invalid'],
    [`${jwt(good).slice(0, -8)}AAAAAAAA`, 'invalid assertion'],
    ['no.jwt.atall', 'invalid assertion'],
  ]
  for (const [assertion, error_description] of wrong) {
    expect(await token({ grant_type: bearer, assertion }, org.url)).toMatchObject({ error_description })
  }
  const stranger = jwt({ ...good, sub: 'stranger@prod.example.com' })
  expect(await token({ grant_type: bearer, assertion: stranger }, org.url)).toMatchObject({
    error: 'invalid_grant',
    error_description: "user hasn't approved this consumer",
  })
})

it('gives a new refresh token in place of the old where rotation is on', async () => {
  const { clientId, clientSecret, refreshToken } = JSON.parse(org.login('refreshToken'))
  const oauth2 = new OAuth2({ clientId, clientSecret, loginUrl: emulator.url })
  org.sessions.rotate = true
  const first = await oauth2.refreshToken(refreshToken)
  org.sessions.rotate = false
  expect(first.refresh_token).not.toBe(refreshToken)
  await expect(oauth2.refreshToken(refreshToken)).rejects.toMatchObject({
    name: 'invalid_grant',
    message: 'expired access/refresh token',
  })
  expect(await oauth2.refreshToken(String(first.refresh_token))).toMatchObject({ instance_url: org.url })
})

it('takes client credentials, passwords and codes, each once where it is good for once', async () => {
  const { clientId: client_id, clientSecret: client_secret } = org.sessions.app
  const client = { client_id, client_secret }
  expect(await token({ grant_type: 'client_credentials', ...client })).toMatchObject({ token_type: 'Bearer' })
  expect(await token({ grant_type: 'client_credentials', client_id, client_secret: 'x' })).toMatchObject({
    error: 'invalid_client',
  })
  const { username, password } = JSON.parse(org.login('password'))
  expect(await token({ grant_type: 'password', ...client, username, password })).toMatchObject({
    scope: expect.any(String),
  })
  expect(await token({ grant_type: 'password', ...client, username, password: 'x' })).toMatchObject({
    error: 'invalid_grant',
  })
  const code = org.sessions.makeCode({ userId: org.userId, clientId: client_id })
  const exchange = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: 'http://localhost:1717/OauthRedirect',
    ...client,
  }
  expect(await token(exchange)).toMatchObject({ refresh_token: expect.any(String) })
  expect(await token(exchange)).toMatchObject({ error: 'invalid_grant' })
  expect(await token({ grant_type: 'magic' })).toMatchObject({ error: 'unsupported_grant_type' })
})

it('logs jsforce in by SOAP, and tells it who it is', async () => {
  const { username, password } = JSON.parse(org.login('password'))
  const connection = new Connection({ version: '62.0', loginUrl: emulator.url })
  expect(await connection.login(username, password)).toMatchObject({ id: org.userId, organizationId: org.id })
  expect(connection.instanceUrl).toBe(org.url)
  expect(await connection.identity()).toMatchObject({ user_id: org.userId, organization_id: org.id })
  await expect(new Connection({ loginUrl: emulator.url }).login(username, 'wrong')).rejects.toThrow('INVALID_LOGIN')
})

it('says of a token whether it is good, until it is revoked', async () => {
  const { accessToken } = JSON.parse(org.login('accessToken'))
  const { clientId, clientSecret } = org.sessions.app
  const question = { token: accessToken, client_id: clientId, client_secret: clientSecret }
  const ask = () => post(`${emulator.url}/services/oauth2/introspect`, question).then((response) => response.json())
  expect(await ask()).toMatchObject({ active: true, username: org.username, exp: expect.any(Number) })
  const userinfo = await fetch(`${org.url}/services/oauth2/userinfo`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect(await userinfo.json()).toMatchObject({ organization_id: org.id })
  expect((await post(`${emulator.url}/services/oauth2/revoke`, { token: accessToken })).status).toBe(200)
  expect((await post(`${emulator.url}/services/oauth2/revoke`, { token: accessToken })).status).toBe(400)
  expect(await post(`${org.url}/services/oauth2/introspect`, question).then((response) => response.json())).toEqual({
    active: false,
  })
})

it('ends sessions when they are old, when they are expired by hand, and when the org is revoked', async () => {
  const { accessToken } = JSON.parse(org.login('accessToken'))
  expect(org.sessions.find(accessToken)).not.toBeNull()
  org.expireSessions()
  expect(org.sessions.find(accessToken)).toBeNull()
  const { refreshToken, clientId: client_id } = JSON.parse(org.login('refreshToken'))
  const refresh = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id }
  expect(await token(refresh)).toMatchObject({ access_token: expect.any(String) })
  org.revoke()
  expect(await token(refresh, org.url)).toMatchObject({ error: 'invalid_grant' })
})

it('gives JWTs as sessions where the app is set up so: they say when they end, and open no SOAP API', async () => {
  org.sessions.format = 'jwt'
  const { accessToken } = JSON.parse(org.login('accessToken'))
  org.sessions.format = 'opaque'
  const { exp } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString())
  expect(exp * 1000).toBeGreaterThan(Date.now())
  const authorization = `Bearer ${accessToken}`
  expect((await fetch(`${org.url}/services/data/v62.0/limits`, { headers: { authorization } })).status).toBe(200)
  const header = `<e:Header><SessionHeader><sessionId>${accessToken}</sessionId></SessionHeader></e:Header>`
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">${header}<e:Body><logout/></e:Body></e:Envelope>`
  const soap = await fetch(`${org.url}/services/Soap/u/62.0`, { method: 'POST', body })
  expect(await soap.text()).toContain('sf:INVALID_SESSION_ID')
})

it('logs what was asked, and no secret', async () => {
  const { accessToken, refreshToken } = {
    ...JSON.parse(org.login('refreshToken')),
    ...JSON.parse(org.login('accessToken')),
  }
  await token({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: org.sessions.app.clientId })
  await fetch(`${org.url}/services/oauth2/revoke?token=${accessToken}`)
  const log = JSON.stringify(emulator.requests)
  expect(emulator.requests.filter(({ call }) => call === 'refresh_token').length).toBeGreaterThan(0)
  for (const secret of [accessToken, refreshToken, org.sessions.app.clientSecret, 'pa$$word1']) {
    expect(log).not.toContain(secret)
  }
})

function jwt(claims: Record<string, unknown>): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg: 'RS256' })}.${encode(claims)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), org.sessions.keys.privateKey).toString('base64url')}`
}

async function token(form: Record<string, string>, url = emulator.url): Promise<unknown> {
  return (await post(`${url}/services/oauth2/token`, form)).json()
}

function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form) })
}
