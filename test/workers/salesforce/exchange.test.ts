import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exchange, redeem } from '../../../workers/salesforce/auth/exchange.ts'
import { expiryOf } from '../../../workers/salesforce/auth/jwt.ts'
import { type Login, readLogin } from '../../../workers/salesforce/auth/login.ts'
import { refreshAt } from '../../../workers/salesforce/auth/refresh-at.ts'
import { verdictOf } from '../../../workers/salesforce/auth/refusal.ts'
import { SalesforceError } from '../../../workers/salesforce/errors.ts'
import { Transport } from '../../../workers/salesforce/transport.ts'
import { textOf } from '../../emulator/answer.ts'
import { type Emulator, startEmulator } from '../../emulator/emulator.ts'
import { maintenance, refusedWith, resetMidBody } from '../../emulator/fault-actions.ts'
import type { FaultAction } from '../../emulator/faults.ts'
import type { LoginKind } from '../../emulator/oauth/login.ts'

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ orgs: [{ name: 'prod' }] })
})
afterEach(() => {
  expect(emulator.faults.waiting).toBe(0)
  emulator.faults.clear()
})
afterAll(() => emulator.close())

const learned: string[] = []
const kept: Login[] = []
const options = {
  transport: new Transport({ org: 'prod', signal: new AbortController().signal, longestWaitMs: 1 }),
  sessionSeconds: 7_200,
  known: async (token: string) => void learned.push(token),
  keep: async (login: Login) => void kept.push(login),
}
const loginAs = (kind: LoginKind) => readLogin(emulator.org('prod').login(kind))
const isToken = ({ path }: { path: string }) => path === '/services/oauth2/token'

const changed =
  (change: (answer: object) => object | null): FaultAction =>
  async (_org, _request, genuine) => {
    const answer = await genuine()
    return { ...answer, body: JSON.stringify(change(JSON.parse(await textOf(answer.body)))) }
  }

describe('a login gives a session', () => {
  for (const kind of ['jwt', 'refreshToken', 'clientCredentials', 'password', 'sfdxAuthUrl', 'accessToken'] as const) {
    it(`when it is of kind ${kind}`, async () => {
      const org = emulator.org('prod')
      const { session, rotated } = await exchange(loginAs(kind), options)
      const { accessToken, ...rest } = session
      expect(rest).toMatchObject({ orgId: org.id, userId: org.userId, username: org.username, instanceUrl: org.url })
      expect(org.sessions.find(accessToken)).toMatchObject({ userId: org.userId })
      expect(learned).toContain(accessToken)
      expect(rotated).toBe(null)
    })
  }

  it('which ends when Salesforce says so, or after as long as sessions last in the org', async () => {
    const org = emulator.org('prod')
    org.sessions.lifetimeMs = 900_000
    const told = await exchange(loginAs('refreshToken'), options)
    expect(Math.abs((told.session.expiresAtMs ?? 0) - told.session.issuedAtMs - 900_000)).toBeLessThan(5_000)
    org.sessions.lifetimeMs = 7_200_000
    const assumed = await exchange(loginAs('jwt'), { ...options, sessionSeconds: 600 })
    expect(assumed.session.expiresAtMs).toBe(assumed.session.issuedAtMs + 600_000)
    const token = `e30.${Buffer.from('{"exp":1800000000}').toString('base64url')}.x`
    expect([expiryOf(token), expiryOf('00D!AQ')]).toEqual([1_800_000_000_000, null])
  })

  it('which lasts as long where the clock of the org is a day behind', async () => {
    const dayMs = 86_400_000
    const behind = (answer: object) => ({ ...answer, issued_at: String(Date.now() - dayMs) })
    emulator.faults.add({ match: isToken, action: changed(behind) })
    const { session } = await exchange(loginAs('jwt'), { ...options, sessionSeconds: 600 })
    expect(session.issuedAtMs).toBeGreaterThan(Date.now() - 60_000)
    expect(session.expiresAtMs).toBe(session.issuedAtMs + 600_000)
  })

  it('which goes nowhere but to the org, whatever answers the login', async () => {
    const answers = [
      { instance_url: 'http://169.254.169.254' },
      { instance_url: null },
      { access_token: '' },
      { access_token: { toString: 1 } },
    ]
    for (const answer of answers) {
      emulator.faults.add({ match: isToken, action: changed((genuine) => ({ ...genuine, ...answer })) })
      const message = expect.stringMatching(/^what answers the login gives no .*: look at the loginUrl/)
      await expect(exchange(loginAs('jwt'), options)).rejects.toMatchObject({ code: 'AUTH_CONFIG', message })
    }
  })

  it('which is of an org and a user with ids, and named after nothing else', async () => {
    const match = ({ path }: { path: string }) => path === '/services/oauth2/userinfo'
    const id = emulator.org('prod').id
    const answers = [null, {}, { organization_id: id }, { organization_id: '/../../../x', user_id: id }]
    for (const answer of answers) {
      emulator.faults.add({ match, action: changed(() => answer) })
      await expect(exchange(loginAs('jwt'), options)).rejects.toMatchObject({ code: 'AUTH_CONFIG', retryable: false })
    }
    const unnamed = { organization_id: id, user_id: id, preferred_username: {} }
    emulator.faults.add({ match, action: changed(() => unnamed) })
    await expect(exchange(loginAs('jwt'), options)).resolves.toMatchObject({ session: { username: null } })
  })

  it('and nothing of an answer that is no JSON is shown', async () => {
    emulator.faults.add({ match: isToken, action: () => ({ status: 200, body: '{"access_token":"00Dsecret"x' }) })
    const message = expect.stringMatching(/^org prod, while logging in: Salesforce answered 200: what came is no JSON/)
    await expect(exchange(loginAs('jwt'), options)).rejects.toMatchObject({ code: 'SERVER_TRANSIENT', message })
  })

  for (const kind of ['jwt', 'refreshToken', 'clientCredentials', 'password'] as const) {
    it(`nor is a login of kind ${kind} sent on to where an answer says`, async () => {
      const seen: string[] = []
      const foreign = createServer((request, response) => {
        seen.push(String(request.url))
        response.end('{}')
      }).listen(0, '127.0.0.1')
      await once(foreign, 'listening')
      const location = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/take`
      emulator.faults.add({
        match: ({ path }) => isToken({ path }) || path.startsWith('/services/Soap/u'),
        action: () => ({ status: 307, headers: { location } }),
      })
      await expect(exchange(loginAs(kind), options)).rejects.toMatchObject({
        code: 'AUTH_CONFIG',
        message: expect.stringContaining(`it sends the call on to ${new URL(location).origin}`),
      })
      expect(seen).toEqual([])
      foreign.close()
    })
  }

  it('also after the network or the org have failed for a moment', async () => {
    emulator.faults.add({ match: isToken, action: maintenance })
    emulator.faults.add({ match: isToken, action: resetMidBody() })
    await expect(exchange(loginAs('jwt'), options)).resolves.toMatchObject({ rotated: null })
  })

  it('for a code once, and a login that lasts', async () => {
    const org = emulator.org('prod')
    const { clientId, clientSecret } = org.sessions.app
    const code = org.sessions.makeCode({ userId: org.userId, clientId })
    const redirectUri = 'http://localhost:1717/OauthRedirect'
    await redeem({ code, redirectUri, clientId, clientSecret, loginUrl: org.url }, options)
    await expect(exchange(kept.at(-1) as Login, options)).resolves.toMatchObject({ session: { orgId: org.id } })
  })
})

describe('a refresh token that Salesforce replaces', () => {
  beforeAll(() => {
    emulator.org('prod').sessions.rotate = true
  })
  afterAll(() => {
    emulator.org('prod').sessions.rotate = false
  })

  it('is handed on with the one before, and each is good for the next session', async () => {
    const login = loginAs('refreshToken') as Extract<Login, { kind: 'refreshToken' }>
    const { rotated } = await exchange(login, options)
    expect(rotated).toMatchObject({ previousRefreshToken: login.refreshToken })
    expect(learned).toContain((rotated as typeof login).refreshToken)
    await expect(exchange(rotated as Login, options)).resolves.toBeTruthy()
    await expect(exchange(login, options)).rejects.toMatchObject({ code: 'AUTH_INVALID' })
  })

  it('is kept before anybody asks with the session, and so when nobody can', async () => {
    const match = ({ path }: { path: string }) => path === '/services/oauth2/userinfo'
    emulator.faults.add({ match, action: refusedWith(400, 'NO', 'no') })
    const login = loginAs('refreshToken')
    await expect(exchange(login, options)).rejects.toThrow('while asking who is logged in')
    expect(kept.at(-1)).not.toEqual(login)
    await expect(exchange(kept.at(-1) as Login, options)).resolves.toBeTruthy()
  })

  it('is still asked for by the one before when the new one is refused', async () => {
    const login = loginAs('refreshToken') as Extract<Login, { kind: 'refreshToken' }>
    const unheard = { ...login, refreshToken: '5AepNever', previousRefreshToken: login.refreshToken }
    await expect(exchange(unheard, options)).resolves.toMatchObject({ session: { orgId: emulator.org('prod').id } })
  })
})

describe('an org that gives no session', () => {
  const verdict = (code: string, message: string, status = 400) =>
    verdictOf(new SalesforceError({ status, code, message }, { org: 'prod', step: 'logging in' }))

  it('has revoked the login, is set up otherwise, or may give one later', () => {
    expect(verdict('invalid_grant', 'expired access/refresh token')).toBe('revoked')
    expect(verdict('invalid_grant', 'inactive user')).toBe('revoked')
    expect(verdict('invalid_grant', 'inactive organization')).toBe('revoked')
    expect(verdict('invalid_grant', 'authentication failure')).toBe('revoked')
    expect(verdict('INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.', 500)).toBe(
      'revoked',
    )
    for (const why of [
      'ip restricted',
      "user hasn't approved this consumer",
      'audience is invalid',
      'invalid assertion',
    ])
      expect(verdict('invalid_grant', why)).toBe('config')
    expect(verdict('invalid_grant', 'Audience validation failed')).toBe('config')
    expect(verdict('invalid_client', 'invalid client credentials')).toBe('config')
    expect(verdict('invalid_client_id', 'client identifier invalid')).toBe('config')
    expect(verdict('unknown_error', 'retry your request')).toBe('transient')
    expect(verdict('server_error', 'an unexpected error')).toBe('transient')
    expect(verdict('', 'Down for maintenance', 503)).toBe('transient')
  })

  it('says what to do, with the code that tells which', async () => {
    const org = emulator.org('prod')
    const login = loginAs('refreshToken')
    org.revoke()
    await expect(exchange(login, options)).rejects.toMatchObject({
      code: 'AUTH_INVALID',
      retryable: false,
      message:
        'org prod, while logging in: Salesforce answered 400 invalid_grant: expired access/refresh token. The login is revoked or its user cannot log in: log in again, and store the new login as org/prod/login.',
    })
    const foreign = { ...loginAs('jwt'), audience: 'https://elsewhere.example.com' } as Login
    await expect(exchange(foreign, options)).rejects.toMatchObject({ code: 'AUTH_CONFIG', retryable: false })
    await expect(exchange({ ...loginAs('jwt'), privateKeyPem: 'none' } as Login, options)).rejects.toMatchObject({
      code: 'AUTH_CONFIG',
    })
    emulator.faults.add({ match: isToken, times: 5, action: refusedWith(503, 'SERVER_UNAVAILABLE', 'later') })
    await expect(exchange(loginAs('jwt'), options)).rejects.toMatchObject({ code: 'SERVER_TRANSIENT', retryable: true })
  })
})

describe('a session is renewed', () => {
  const session = { accessToken: '', instanceUrl: '', orgId: '', userId: '', username: null, issuedAtMs: 0 }

  it('a tenth of its life before its end, five minutes at least, and within a minute of that', () => {
    const hours = 3_600_000
    expect(refreshAt({ ...session, expiresAtMs: 2 * hours }, 0, 0)).toBe(2 * hours - 12 * 60_000)
    expect(refreshAt({ ...session, expiresAtMs: 20 * 60_000 }, 0, 0.5)).toBe(15 * 60_000 - 30_000)
  })

  it('soon when that has passed, and not by the clock when nothing is known of its end', () => {
    expect(refreshAt({ ...session, expiresAtMs: 60_000 }, 100_000, 0)).toBe(130_000)
    expect(refreshAt({ ...session, expiresAtMs: null }, 0, 0)).toBe(null)
  })
})
