import { Type as TypeBox } from 'typebox'
import { describe, expect, it } from 'vitest'
import { Type } from '../../src/contract/schema.ts'

const make = (type: typeof Type) => ({
  array: type.Array(type.String(), { minItems: 1 }),
  boolean: type.Boolean({ description: 'yes or no' }),
  enum: type.Enum(['a', 'b'], { description: 'a or b' }),
  integer: type.Integer({ minimum: 0 }),
  literal: type.Literal(1, { description: 'one' }),
  null: type.Null(),
  number: type.Number(),
  object: type.Object({ a: type.String(), b: type.Optional(type.Null()) }, { additionalProperties: false }),
  'object of nothing needed': type.Object({ a: type.Optional(type.String()) }),
  record: type.Record(type.String({ pattern: '^a' }), type.Number(), { maxProperties: 3 }),
  'record of any name': type.Record(type.String(), type.Unknown()),
  string: type.String({ format: 'uuid' }),
  union: type.Union([type.Null(), type.String()], { description: 'text or nothing' }),
  unknown: type.Unknown(),
  unsafe: type.Unsafe<string>(type.Object({}, { description: 'something' })),
})

describe('our schemas', () => {
  it.each(Object.keys(make(Type)) as (keyof ReturnType<typeof make>)[])('are what TypeBox makes: %s', (name) => {
    const [ours, theirs] = [make(Type), make(TypeBox as typeof Type)]
    expect(ours[name]).toEqual(JSON.parse(JSON.stringify(theirs[name])))
  })

  it('keep a member that may be left out as it is where it is needed', () => {
    const name = Type.String()
    expect(Type.Object({ a: Type.Optional(name), b: name })).toMatchObject({ required: ['b'] })
  })
})
