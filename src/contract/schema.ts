import type { Static, TSchema, Type as TypeBox } from 'typebox'

export type { Static, TSchema }

type Options = Readonly<Record<string, unknown>>
type Schemas = Readonly<Record<string, TSchema>>

type Builder = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>

/** Members that may be left out. A mark beside the schema, since it is no word of JSON schema. */
const optional = new WeakSet<object>()

const ofType = (type: string) => (options?: Options) => ({ type, ...options })

function objectOf(properties: Schemas, options?: Options) {
  const required = Object.keys(properties).filter((name) => !optional.has(properties[name] as TSchema))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

function asOptional(schema: TSchema): TSchema {
  const copy = { ...schema }
  optional.add(copy)
  return copy
}

function recordOf(name: TSchema, value: TSchema, options?: Options) {
  const pattern: unknown = Reflect.get(name, 'pattern') ?? '^.*$'
  return { type: 'object', patternProperties: { [String(pattern)]: value }, ...options }
}

/**
 * Plain JSON schemas with TypeBox's types. Its own functions make the same ones, and take 13 MB for as long as Mayfly
 * runs and 300 modules at every start of the command line.
 */
export const Type = {
  Array: (items: TSchema, options?: Options) => ({ type: 'array', items, ...options }),
  Boolean: ofType('boolean'),
  Enum: (values: readonly unknown[], options?: Options) => ({ enum: values, ...options }),
  Integer: ofType('integer'),
  Literal: (value: unknown, options?: Options) => ({ type: typeof value, const: value, ...options }),
  Null: ofType('null'),
  Number: ofType('number'),
  Object: objectOf,
  Optional: asOptional,
  Record: recordOf,
  String: ofType('string'),
  Union: (anyOf: readonly TSchema[], options?: Options) => ({ anyOf, ...options }),
  Unknown: (options?: Options) => ({ ...options }),
  Unsafe: (schema: TSchema) => schema,
} as unknown as Builder
