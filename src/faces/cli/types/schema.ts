/**
 * Types of TypeScript for what JSON schemas allow. What types cannot say (patterns, ranges, conditions) is left out, and
 * what is not understood is `unknown`: a type may allow more than its schema, never less.
 */

type Schema = Readonly<Record<string, unknown>>

interface Within {
  readonly root: Schema
  /** The references on the way here: one that leads to itself has no type without a name. */
  readonly references: readonly string[]
  readonly indent: string
  readonly depth: number
  /** How many more schemas are looked at: references may make few into very many. */
  readonly budget: { left: number }
}

const mostDepth = 30
const mostSchemas = 10_000

export function typeOf(schema: unknown, indent = ''): string {
  const root = isSchema(schema) ? schema : {}
  return bare(typeIn(schema, { root, references: [], indent, depth: 0, budget: { left: mostSchemas } }))
}

/** As a line of its own before what it is about; nothing where nothing is said. */
export function commentOf(text: unknown, indent: string): string {
  if (typeof text !== 'string' || text.trim() === '') return ''
  return `${indent}/** ${text.trim().replaceAll(/\s+/g, ' ').replaceAll('*/', '*\\/')} */\n`
}

export function nameOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

/** Every union and intersection stands in parentheses. */
function typeIn(schema: unknown, around: Within): string {
  if (schema === false) return 'never'
  if (!isSchema(schema) || around.depth > mostDepth || around.budget.left-- <= 0) return 'unknown'
  const within = { ...around, depth: around.depth + 1 }
  if ('const' in schema) return literalOf(schema.const)
  if (Array.isArray(schema.enum)) return unionOf(schema.enum.map(literalOf))
  return intersectionOf([
    ownTypeOf(schema, within),
    referred(schema.$ref, within),
    ...partsOf(schema.allOf, within),
    'anyOf' in schema ? unionOf(partsOf(schema.anyOf, within)) : 'unknown',
    'oneOf' in schema ? unionOf(partsOf(schema.oneOf, within)) : 'unknown',
  ])
}

function partsOf(schemas: unknown, within: Within): string[] {
  return Array.isArray(schemas) ? schemas.map((one) => typeIn(one, within)) : []
}

function ownTypeOf(schema: Schema, within: Within): string {
  const { type } = schema
  if (Array.isArray(type)) return unionOf(type.map((one) => simpleTypeOf(one, schema, within)))
  if (type !== undefined) return simpleTypeOf(type, schema, within)
  if ('properties' in schema || 'required' in schema) return objectOf(schema, within)
  if ('items' in schema || 'prefixItems' in schema) return arrayOf(schema, within)
  return 'unknown'
}

function simpleTypeOf(type: unknown, schema: Schema, within: Within): string {
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return type
    case 'integer':
      return 'number'
    case 'array':
      return arrayOf(schema, within)
    case 'object':
      return objectOf(schema, within)
    default:
      return 'unknown'
  }
}

function objectOf(schema: Schema, within: Within): string {
  const deeper = { ...within, indent: `${within.indent}  ` }
  const properties = isSchema(schema.properties) ? schema.properties : {}
  const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : [])
  const names = [...new Set([...Object.keys(properties), ...required])]
  const members = names.map((name) => {
    const property = properties[name]
    const about = isSchema(property) ? commentOf(property.description, deeper.indent) : ''
    const type = bare(typeIn(Object.hasOwn(properties, name) ? property : true, deeper))
    return `${about}${deeper.indent}${nameOf(name)}${required.has(name) ? '' : '?'}: ${type}\n`
  })
  const others = othersOf(schema, names.length > 0, deeper)
  if (others !== undefined) members.push(`${deeper.indent}[name: string]: ${others}\n`)
  return members.length === 0 ? 'Record<string, never>' : `{\n${members.join('')}${within.indent}}`
}

/** What members may hold that have no name in the schema; none where there may be none. */
function othersOf(schema: Schema, hasNamed: boolean, within: Within): string | undefined {
  const { additionalProperties: others, patternProperties } = schema
  const patterns = isSchema(patternProperties) ? Object.values(patternProperties) : []
  if (others === false && patterns.length === 0) return undefined
  // An index signature speaks of the named members, too.
  if (hasNamed || (others === undefined && patterns.length === 0)) return 'unknown'
  const types = patterns.map((one) => typeIn(one, within))
  return bare(unionOf(others === false ? types : [...types, typeIn(others ?? true, within)]))
}

function arrayOf(schema: Schema, within: Within): string {
  const { prefixItems, items = true, minItems } = schema
  // Before 2020 the places of a tuple stood in `items`.
  const places = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []
  const others = Array.isArray(items) ? (schema.additionalItems ?? true) : items
  const rest = others === false ? undefined : arrayOfType(typeIn(others, within))
  if (places.length === 0) return rest ?? 'readonly []'
  const least = typeof minItems === 'number' ? minItems : 0
  const types = places.map((one, at) => (at < least ? bare(typeIn(one, within)) : `(${bare(typeIn(one, within))})?`))
  return `readonly [${[...types, ...(rest ? [`...${rest}`] : [])].join(', ')}]`
}

function arrayOfType(type: string): string {
  return type.startsWith('readonly ') ? `readonly (${type})[]` : `readonly ${type}[]`
}

/** What a reference within the schema leads to. */
function referred(reference: unknown, within: Within): string {
  if (typeof reference !== 'string' || !reference.startsWith('#') || within.references.includes(reference)) {
    return 'unknown'
  }
  let found: unknown = within.root
  for (const step of reference.split('/').slice(1)) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined
  }
  return typeIn(found, { ...within, references: [...within.references, reference] })
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

function literalOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'unknown' : JSON.stringify(value)
}

function unionOf(types: readonly string[]): string {
  const different = [...new Set(types)]
  if (different.length === 0) return 'never'
  return different.includes('unknown') ? 'unknown' : together(different, ' | ')
}

function intersectionOf(types: readonly string[]): string {
  const different = [...new Set(types)].filter((type) => type !== 'unknown')
  return different.length === 0 ? 'unknown' : together(different, ' & ')
}

function together(types: readonly string[], by: string): string {
  return types.length === 1 ? String(types[0]) : `(${types.join(by)})`
}

function bare(type: string): string {
  return type.startsWith('(') && type.endsWith(')') ? type.slice(1, -1) : type
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
