import { createHmac, generateKeyPairSync } from 'node:crypto'
import { exportSPKI, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchKeys } from '../../../src/access/oidc/fetch-keys.ts'
import { Identities } from '../../../src/access/oidc/identities.ts'
import type { Rule } from '../../../src/access/oidc/rules.ts'
import { type Clock, systemClock } from '../../../src/system/clock.ts'
import { audience, type Issuer, startIssuer } from '../../fixtures/issuer.ts'

let issuer: Issuer
let ahead: number
let identities: Identities

const clock: Clock = {
  now: () => systemClock.now() + ahead,
  monotonic: () => systemClock.monotonic() + ahead,
  after: systemClock.after,
}
const allow: readonly Rule[] = [
  {
    claims: { repository: 'acme/shop', sub: ['*:ref:refs/heads/main', '*:environment:*'] },
    tenant: 'acme',
    kinds: ['exec'],
  },
  { claims: { repository: 'acme/*', run_number: '7' }, tenant: 'other', pools: ['batch'] },
]

beforeEach(async () => {
  ahead = 0
  issuer = await startIssuer()
  identities = new Identities({ issuers: [{ issuer: issuer.url, audience, allow }], clock, fetchKeys })
})
afterEach(() => issuer.stop())

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) })
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an identity token', () => {
  it('lets in as the first rule says that fits, and names issuer and subject', async () => {
    const credential = await identities.identify(await issuer.sign())
    const tokenId = expect.stringMatching(`^${issuer.url} repo:acme/shop:ref:refs/heads/main [0-9a-f]{16}$`)
    expect(credential).toEqual({ tenant: 'acme', role: 'tenant', tokenId, kinds: ['exec'] })
    const other = await issuer.sign({ repository: 'acme/site', run_number: 7 })
    expect(await identities.identify(other)).toMatchObject({ tenant: 'other', pools: ['batch'] })
  })

  it('is known from then on without asking anybody, until it expires', async () => {
    const token = await issuer.sign()
    const [first, again] = await Promise.all([identities.identify(token), identities.identify(token)])
    expect(again).toBe(first)
    expect(identities.identify(token)).toBe(first)
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
    expect(identities.stands(first.tokenId)).toBe(true)
    ahead = 331_000
    expect(identities.stands(first.tokenId)).toBe(false)
    await expect(identities.identify(token)).rejects.toEqual(refused('UNAUTHORIZED', /has expired/))
  })

  it('tells when it expires, and when its tenant goes', async () => {
    const ended = new Promise((resolve) => identities.onEnd(resolve))
    const { tokenId } = await identities.identify(await issuer.sign())
    identities.forgetTenant('other')
    expect(identities.stands(tokenId)).toBe(true)
    ahead = 331_000
    expect(await ended).toBe(tokenId)
  })

  const seconds = () => Math.floor(Date.now() / 1000)
  it.each<[string, () => Record<string, unknown>, string, RegExp]>([
    [
      'for somebody else',
      () => ({ aud: 'https://other.example.com' }),
      'UNAUTHORIZED',
      /is for others.*mayfly\.example/,
    ],
    ['without an audience', () => ({ aud: undefined }), 'UNAUTHORIZED', /is for others/],
    [
      'from an issuer that nobody trusts',
      () => ({ iss: 'https://evil.example.com' }),
      'UNAUTHORIZED',
      /none that this server trusts/,
    ],
    ['from no issuer', () => ({ iss: undefined }), 'UNAUTHORIZED', /none that this server trusts/],
    ['that has expired', () => ({ exp: seconds() - 60 }), 'UNAUTHORIZED', /has expired/],
    ['that never expires', () => ({ exp: undefined }), 'UNAUTHORIZED', /no right exp/],
    ['that does not hold yet', () => ({ nbf: seconds() + 120 }), 'UNAUTHORIZED', /does not hold yet/],
    ['from the future', () => ({ iat: seconds() + 120 }), 'UNAUTHORIZED', /from the future/],
    ['without a subject', () => ({ sub: undefined }), 'UNAUTHORIZED', /no right sub/],
    ['with a subject of two lines', () => ({ sub: 'a\nb' }), 'UNAUTHORIZED', /cannot be written down/],
    ['of another repository', () => ({ repository: 'evil/shop' }), 'FORBIDDEN', /no rule of this server lets in/],
    ['of another branch', () => ({ sub: 'repo:acme/shop:ref:refs/heads/main2' }), 'FORBIDDEN', /no rule/],
    ['whose claim is an object', () => ({ repository: { toString: 'acme/shop' } }), 'FORBIDDEN', /no rule/],
  ])('%s is refused', async (_what, claims, code, message) => {
    await expect(identities.identify(await issuer.sign(claims()))).rejects.toEqual(refused(code, message))
  })

  it('a little late or early is taken: clocks differ', async () => {
    const late = await issuer.sign({ exp: seconds() - 10, nbf: seconds() + 10, iat: seconds() + 10 })
    expect(await identities.identify(late)).toMatchObject({ tenant: 'acme' })
  })

  it('that is not signed with a key of the issuer is refused, in whatever way it pretends', async () => {
    const good = await issuer.sign()
    const [head = '', body = '', signature = ''] = good.split('.')
    const [key] = issuer.keys
    const header = JSON.parse(Buffer.from(head, 'base64url').toString())
    const none = `${base64({ ...header, alg: 'none' })}.${body}.`
    const hmac = `${base64({ ...header, alg: 'HS256' })}.${body}`
    const secret = await exportSPKI((key as NonNullable<typeof key>).publicKey)
    const confused = `${hmac}.${createHmac('sha256', secret).update(hmac).digest('base64url')}`
    const own = await new SignJWT(JSON.parse(Buffer.from(body, 'base64url').toString()))
      .setProtectedHeader({
        ...header,
        jwk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
      })
      .sign(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
    const changed = `${head}.${base64({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), repository: 'acme/x' })}.${signature}`
    for (const token of [none, confused, own, changed, `${head}.${body}.${signature.slice(0, -4)}`, `eyJ.${body}.x`]) {
      await expect(Promise.resolve(identities.identify(token))).rejects.toEqual(
        refused('UNAUTHORIZED', /use another|get another/),
      )
    }
  })
})

describe('the keys of an issuer', () => {
  it('are asked for once in half a minute, however many tokens come with unknown ones', async () => {
    await identities.identify(await issuer.sign())
    const asked = issuer.asked.length
    ahead = 31_000
    const flood = [...Array(100)].map(async (_, number) =>
      identities.identify(await issuer.sign({}, { kid: `k${number}` })),
    )
    const ends = await Promise.allSettled(flood)
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
    expect(issuer.asked.length - asked).toBe(2)
    await issuer.rotate('second')
    await expect(identities.identify(await issuer.sign())).rejects.toEqual(
      refused('UNAUTHORIZED', /has no key.*half a minute/),
    )
    ahead = 62_000
    expect(await identities.identify(await issuer.sign())).toMatchObject({ tenant: 'acme' })
  })

  it('serve on while the issuer is down, and not for ever', async () => {
    await identities.identify(await issuer.sign())
    issuer.setDown(true)
    ahead = 3600_000
    const later = () => {
      const now = Math.floor(clock.now() / 1000)
      return issuer.sign({ iat: now, nbf: now, exp: now + 300 })
    }
    expect(await identities.identify(await later())).toMatchObject({ tenant: 'acme' })
    ahead = 25 * 3600_000
    await expect(identities.identify(await later())).rejects.toEqual(
      refused('UNAUTHORIZED', /keys of .* cannot be had|has no key/),
    )
    issuer.setDown(false)
    ahead += 31_000
    expect(await identities.identify(await later())).toMatchObject({ tenant: 'acme' })
  })

  it('are said not to be had where the issuer does not answer', async () => {
    issuer.setDown(true)
    await expect(identities.identify(await issuer.sign())).rejects.toEqual(
      refused('UNAUTHORIZED', /keys of .* cannot be had/),
    )
  })
})
