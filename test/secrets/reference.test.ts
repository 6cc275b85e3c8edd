import { describe, expect, it } from 'vitest'
import { referenceOf, vaultNameOf, wholeReference } from '../../src/secrets/reference.ts'

describe('a reference', () => {
  it.each([
    ['token', 'token'],
    ['vault:token', 'token'],
    ['vault:a.b-c_D1', 'a.b-c_D1'],
    ['vault:github/bot', 'github/bot'],
    ['keychain', 'keychain'],
  ])('%s leads to the stored secret %s', (text, name) => {
    expect(vaultNameOf(text)).toBe(name)
    expect(wholeReference(referenceOf(text))).toBe(`vault:${name}`)
  })

  it.each([
    ['keychain:github/bot', 'keychain', 'github/bot'],
    ['keychain:https://example.com/x', 'keychain', 'https://example.com/x'],
    ['file:run/token', 'file', 'run/token'],
    ['command:op', 'command', 'op'],
  ])('%s leads to %s', (text, provider, name) => {
    expect(referenceOf(text)).toEqual({ provider, name })
    expect(vaultNameOf(text)).toBeUndefined()
  })

  it.each([
    '',
    'vault:',
    'vault:a b',
    'vault:vault:x',
    '../token',
    'a/../b',
    'a//b',
    'a/',
    '/a',
    'token\n',
    '1token',
    'x'.repeat(129),
    'http://x',
  ])('%j leads to no stored secret', (text) => {
    expect(vaultNameOf(text)).toBeUndefined()
  })
})
