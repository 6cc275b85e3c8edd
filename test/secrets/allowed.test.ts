import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayUse } from '../../src/secrets/allowed.ts'

const allowed = {
  '*': ['vault:*', 'keychain:{tenant}/*'],
  acme: ['file:run/acme/*.key', 'command:op'],
}

describe('a tenant may use', () => {
  it.each([
    ['acme', 'vault:anything/at/all'],
    ['acme', 'keychain:acme/bot'],
    ['acme', 'file:run/acme/a/b.key'],
    ['acme', 'command:op'],
    ['globex', 'keychain:globex/bot'],
  ])('as %s: %s', (tenant, reference) => {
    expect(mayUse(allowed, tenant, reference)).toBe(true)
  })

  it.each([
    ['acme', 'keychain:globex/bot'],
    ['acme', 'keychain:acme'],
    ['acme', 'file:run/acme/a.pem'],
    ['acme', 'file:run/globex/a.key'],
    ['acme', 'command:op2'],
    ['acme', 'xvault:a'],
    ['globex', 'command:op'],
    ['toString', 'command:op'],
  ])('not as %s: %s', (tenant, reference) => {
    expect(mayUse(allowed, tenant, reference)).toBe(false)
  })

  it('what fits the pattern, as a regular expression would say it', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(piece, text, (pattern, reference) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(reference)
        expect(mayUse({ acme: [pattern] }, 'acme', reference)).toBe(expected)
      }),
    )
  })
})
