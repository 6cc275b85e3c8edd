import { afterEach, describe, expect, it, vi } from 'vitest'
import { seal } from '../../src/client/seal.ts'

afterEach(() => vi.restoreAllMocks())

const publicKey = Buffer.alloc(32, 9).toString('base64url')

describe('sealing a value', () => {
  it.each([
    { what: 'succeeds', encrypt: undefined },
    { what: 'fails', encrypt: () => Promise.reject(new Error('no')) },
  ])('leaves no copy of it where it $what, and the caller’s as it was', async ({ encrypt }) => {
    const spy = vi.spyOn(crypto.subtle, 'encrypt')
    if (encrypt) spy.mockImplementation(encrypt)
    const value = Buffer.from('a value')
    await seal(publicKey, 'name', value).catch(() => {})
    const [, , plain] = spy.mock.calls[0] ?? []
    expect(plain).toEqual(new Uint8Array(value.length))
    expect(value.toString()).toBe('a value')
  })
})
