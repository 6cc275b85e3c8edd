import { describe, expect, it } from 'vitest'
import { authenticator } from '../../src/access/authenticator.ts'
import { adminGrant } from '../../src/access/grants.ts'
import { digestOf, newToken } from '../../src/access/token.ts'

const token = newToken()
const admin = authenticator(adminGrant(token))
const tenant = authenticator({ find: (digest) => ({ digest, tenant: 'acme', role: 'tenant' }) })
const bearer = `Bearer ${token}`

describe('the authenticator', () => {
  it('knows the admin, whose tenant is the default one', () => {
    expect(admin({ authorization: bearer, actFor: undefined })).toEqual({ tenant: 'default', role: 'admin' })
    expect(admin({ authorization: `bearer ${token}`, actFor: undefined }).role).toBe('admin')
  })

  it('lets an admin act for a tenant', () => {
    expect(admin({ authorization: bearer, actFor: 'acme-2' })).toEqual({ tenant: 'acme-2', role: 'admin' })
  })

  it.each(['', 'Acme', '__proto__', 'a b', '../x', 'x'.repeat(64), 'a,b'])('refuses to act for %j', (actFor) => {
    expect(() => admin({ authorization: bearer, actFor })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', token, `Basic ${token}`, `Bearer ${token} x`, `${bearer}x`, 'Bearer ä'])(
    'refuses %j',
    (authorization) => {
      expect(() => admin({ authorization, actFor: undefined })).toThrow(
        expect.objectContaining({ code: 'UNAUTHORIZED' }),
      )
    },
  )

  it('lets nobody else act for another tenant', () => {
    expect(() => tenant({ authorization: bearer, actFor: 'other' })).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    )
    expect(tenant({ authorization: bearer, actFor: 'acme' }).tenant).toBe('acme')
  })

  it('never repeats what was presented', () => {
    expect(() => admin({ authorization: 'Bearer wrong-token', actFor: undefined })).toThrow(/^(?!.*wrong-token)/)
  })

  it('keeps a digest rather than the token', () => {
    expect(adminGrant(token).find(digestOf(token))).not.toHaveProperty('token')
    expect(adminGrant(token).find(digestOf('another'))).toBeUndefined()
  })
})
