import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formsOf, tracesInBytes } from '../../src/process/traces.ts'

const shown: Record<string, (value: Buffer) => Buffer> = {
  'as it is': (value) => value,
  'as UTF-16': (value) => Buffer.from(value.toString('latin1'), 'utf16le'),
  'as hex': (value) => Buffer.from(value.toString('hex')),
  'as hex in capitals': (value) => Buffer.from(value.toString('hex').toUpperCase()),
  'as base64': (value) => Buffer.from(value.toString('base64')),
  'as base64 of more': (value) => Buffer.from(Buffer.concat([Buffer.from('to'), value]).toString('base64')),
}

describe('a secret', () => {
  it.each([
    ['as it is', 6],
    ['as UTF-16', 6],
    ['as hex', 6],
    ['as hex in capitals', 6],
    ['as base64', 6],
    ['as base64 of more', 8],
  ])('is found %s from %i bytes on, whatever is around it', (form, leastBytes) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: leastBytes }), fc.uint8Array(), (bytes, around) => {
        const value = Buffer.from(bytes)
        const place = Buffer.concat([around, shown[form]?.(value) ?? value, around])
        expect(tracesInBytes(place, formsOf(value)).hits).toBeGreaterThan(0)
      }),
    )
  })

  it('is looked for in no form that is anywhere by chance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 16 }), (bytes) => {
        expect(Math.min(...formsOf(bytes).map(({ length }) => length))).toBeGreaterThanOrEqual(6)
      }),
    )
  })
})
