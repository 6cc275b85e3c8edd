import { describe, expect, it } from 'vitest'
import { refusalOfReference, vaultNameOf } from '../../src/secrets/reference.ts'

describe('a reference', () => {
  it.each([
    ['token', 'token'],
    ['vault:token', 'token'],
    ['vault:a.b-c_D1', 'a.b-c_D1'],
    ['keychain', 'keychain'],
  ])('%s leads to the stored secret %s', (text, name) => {
    expect(vaultNameOf(text)).toBe(name)
    expect(refusalOfReference(text)).toBeUndefined()
  })

  it.each(['keychain:github', 'file:/etc/passwd', 'command:pass show x', 'file:'])(
    '%s names what is not there yet',
    (text) => {
      expect(vaultNameOf(text)).toBeUndefined()
      expect(refusalOfReference(text)).toMatch(/^refers to \w+:, which is not available here yet: .* vault:NAME$/)
    },
  )

  it.each(['', 'vault:', 'vault:a b', 'vault:vault:x', '../token', 'token\n', '1token', 'x'.repeat(65), 'http://x'])(
    '%j is none',
    (text) => {
      expect(vaultNameOf(text)).toBeUndefined()
      expect(refusalOfReference(text)).toMatch(/^must be vault:NAME/)
    },
  )
})
