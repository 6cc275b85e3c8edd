import { expect, it } from 'vitest'
import { outsideReference } from '../../src/kinds/references.ts'

it('finds the reference that leads out of a schema, wherever it stands', () => {
  expect(outsideReference({ $ref: 'https://example.com/a' })).toBe('https://example.com/a')
  expect(outsideReference({ properties: { a: { anyOf: [{ $ref: 'other.json' }] } } })).toBe('other.json')
})

it('lets a schema refer to itself, name a property $ref, and hold data of any look', () => {
  expect(outsideReference({ $defs: { a: {} }, properties: { b: { $ref: '#/$defs/a' } } })).toBeUndefined()
  expect(outsideReference({ $defs: { a: { $id: 'a' } }, properties: { b: { $ref: 'a' } } })).toBeUndefined()
  expect(outsideReference({ properties: { $ref: { type: 'string' } } })).toBeUndefined()
  expect(outsideReference({ const: { $ref: 'https://example.com/a' } })).toBeUndefined()
})
