import { describe, expect, it } from 'vitest'
import { typesOf } from '../../../../src/faces/cli/types/kinds.ts'
import { commentOf, typeOf } from '../../../../src/faces/cli/types/schema.ts'

const flat = (schema: unknown) => typeOf(schema).replaceAll(/\s+/g, ' ')
const text = { type: 'string' }

describe('the type of a schema', () => {
  it.each<[schema: unknown, type: string]>([
    [true, 'unknown'],
    [false, 'never'],
    [{}, 'unknown'],
    [{ type: 'integer', minimum: 1 }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ enum: ['a', 1, null] }, '"a" | 1 | null'],
    [{ const: { a: 1 } }, 'unknown'],
    [{ type: 'array', items: { type: ['string', 'null'] } }, 'readonly (string | null)[]'],
    [{ type: 'array', items: { type: 'array', items: text } }, 'readonly (readonly string[])[]'],
    [{ type: 'array', prefixItems: [text], minItems: 1, items: text }, 'readonly [string, ...readonly string[]]'],
    [{ type: 'array', items: [text, { type: 'number' }], additionalItems: false }, 'readonly [(string)?, (number)?]'],
    [{ type: 'object', additionalProperties: text }, '{ [name: string]: string }'],
    [{ type: 'object', patternProperties: { '^x': text }, additionalProperties: false }, '{ [name: string]: string }'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [{ properties: { a: text }, required: ['a', 'b'], additionalProperties: false }, '{ a: string b: unknown }'],
    [{ properties: { 'a-b': text } }, '{ "a-b"?: string [name: string]: unknown }'],
    [{ anyOf: [text, { type: 'null' }] }, 'string | null'],
    [{ ...text, anyOf: [{ pattern: '^a' }, { pattern: '^b' }] }, 'string'],
    [{ allOf: [{ required: ['a'], additionalProperties: false }, text] }, '{ a: unknown } & string'],
    [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': text } }, 'string'],
    [{ $ref: '#', type: 'array' }, 'readonly unknown[]'],
    [{ $ref: 'http://elsewhere/' }, 'unknown'],
    [{ $ref: '#/%' }, 'unknown'],
    [{ $ref: '#/$defs/list', $defs: { list: { anyOf: [text, { $ref: '#/$defs/list' }] } } }, 'unknown'],
    [{ type: 'color' }, 'unknown'],
  ])('of %j is %s', (schema, type) => {
    expect(flat(schema)).toBe(type)
  })

  it('is looked for only so deep and so long', () => {
    let deep: object = text
    for (let level = 0; level < 1_000; level++) deep = { type: 'array', items: deep }
    expect(flat(deep).length).toBeLessThan(1_000)
    const names = Array.from({ length: 25 }, (_, at) => `d${at}`)
    const $defs = Object.fromEntries(
      names.map((name, at) => [
        name,
        { properties: { a: { $ref: `#/$defs/d${at + 1}` }, b: { $ref: `#/$defs/d${at + 1}` } } },
      ]),
    )
    expect(flat({ $ref: '#/$defs/d0', $defs }).length).toBeLessThan(2_000_000)
  })

  it('cannot be left by what a description says', () => {
    expect(commentOf('a */ b\n c', '')).toBe('/** a *\\/ b c */\n')
  })
})

it('types of kinds say what each takes and gives, and unknown where it does not say', () => {
  const input = { type: 'object', required: ['name'], properties: { name: text }, additionalProperties: false }
  const kinds = [
    { kind: 'greet', title: 'Greet', input, result: text },
    { kind: 'org.backup', title: null, input: {}, result: null },
  ]
  expect(typesOf(kinds)).toContain(`export interface Kinds {
  /** Greet */
  greet: {
    input: {
      name: string
    }
    result: string
  }
  "org.backup": {
    input: unknown
    result: unknown
  }
}`)
})
