import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leavesOf } from '../../src/mask/leaves.ts'

const leaves = (json: string) => [...leavesOf(Buffer.from(json))].map(String)

function expected(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [JSON.stringify(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(expected) : []
}

describe('the leaves of JSON', () => {
  it('are the strings and numbers that JSON.parse would find, without the names', () => {
    const value = fc
      .jsonValue({ stringUnit: 'binary', maxDepth: 3 })
      .filter((json) => !/e[+-]/.test(JSON.stringify(json)))
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (json, indent) => {
        expect(leaves(JSON.stringify(json, null, indent))).toEqual(expected(json))
      }),
    )
  })

  it('are found whatever the escapes', () => {
    expect(leaves('["\\u0041\\/\\u00e9\\u20AC\\uD83E\\uDD8B"]')).toEqual(['A/é€🦋'])
  })

  it('of what is no JSON are found without end or harm', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => [...leavesOf(bytes)].length >= 0))
    expect(leaves('{"a": "b\\')).toHaveLength(1)
  })
})
