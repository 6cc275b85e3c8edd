import { describe, expect, it } from 'vitest'
import { authenticator } from '../../src/access/authenticator.ts'
import type { Credential } from '../../src/access/credential.ts'
import { adminGrant, type Grant } from '../../src/access/grants.ts'
import { digestOf, keyIn, newToken, newTokenOf } from '../../src/access/token.ts'

const adminToken = newToken()
const bearer = (token: string) => `Bearer ${token}`
const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const token = newTokenOf(id)
const now = 1_700_000_000_000

const credential: Credential = { tenant: 'acme', role: 'tenant', tokenId: id, kinds: ['lint'] }
const grant: Grant = { digest: digestOf(token), credential, expiresAt: now + 1000 }
const used: Grant[] = []

function authenticate(authorization: string | undefined, actFor?: string, at = now) {
  const key = keyIn(token)
  return authenticator({
    admin: adminGrant(adminToken),
    grants: { find: (asked) => (asked === key ? grant : undefined), used: (one) => void used.push(one) },
    tenants: { has: (name) => ['default', 'acme', 'acme-2'].includes(name) },
    clock: { now: () => at },
  })({ authorization, actFor })
}

const refused = (code: string) => expect.objectContaining({ code })

describe('the authenticator', () => {
  it('knows the admin, whose tenant is the default one', () => {
    const admin = { tenant: 'default', role: 'admin', tokenId: 'admin', mayReadPaths: true }
    expect(authenticate(bearer(adminToken))).toEqual(admin)
    expect(authenticate(`bearer ${adminToken}`)).toEqual(admin)
  })

  it('knows the bearer of a token by all of it, with what it may do, and tells of its use', () => {
    expect(authenticate(bearer(token))).toBe(credential)
    expect(used.at(-1)).toBe(grant)
    const other = newTokenOf(id)
    expect(keyIn(other)).toBe(keyIn(token))
    for (const wrong of [other, token.slice(0, -1), `${token}x`, token.toUpperCase()]) {
      expect(() => authenticate(bearer(wrong))).toThrow(refused('UNAUTHORIZED'))
    }
  })

  it('takes no token after its time, and says that it has expired only to who has it', () => {
    expect(authenticate(bearer(token), undefined, now + 999)).toBe(credential)
    expect(() => authenticate(bearer(token), undefined, now + 1000)).toThrow('has expired')
    expect(() => authenticate(bearer(newTokenOf(id)), undefined, now + 1000)).toThrow('is not valid')
  })

  it('lets an admin act for a tenant that there is', () => {
    expect(authenticate(bearer(adminToken), 'acme-2')).toMatchObject({ tenant: 'acme-2', role: 'admin' })
    expect(() => authenticate(bearer(adminToken), 'nobody')).toThrow(/^there is no tenant nobody: .*create it/)
  })

  it.each(['', 'Acme', '__proto__', 'a b', '../x', 'x'.repeat(64), 'x'.repeat(10_000), 'a,b', 'ä', '\u202e'])(
    'refuses to act for %j',
    (actFor) => {
      expect(() => authenticate(bearer(adminToken), actFor)).toThrow(refused('BAD_REQUEST'))
    },
  )

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    adminToken,
    `Basic ${adminToken}`,
    `Bearer ${adminToken} x`,
    `Bearer ${adminToken}x`,
    'Bearer ä',
    `Bearer ${'x'.repeat(10_000)}`,
    'Bearer __proto__',
  ])('refuses %j', (authorization) => {
    expect(() => authenticate(authorization)).toThrow(refused('UNAUTHORIZED'))
  })

  it('lets nobody else act for another tenant, whether there is one or not', () => {
    for (const actFor of ['acme-2', 'nobody', 'default']) {
      expect(() => authenticate(bearer(token), actFor)).toThrow(refused('FORBIDDEN'))
    }
    expect(authenticate(bearer(token), 'acme')).toMatchObject({ tenant: 'acme' })
  })

  it('never repeats what was presented', () => {
    expect(() => authenticate('Bearer wrong-token')).toThrow(/^(?!.*wrong-token)/)
  })
})
