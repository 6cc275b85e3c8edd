import { defaults } from './defaults.ts'
import { Config } from './schema.ts'

/** What depends on the machine: no default can be written down. */
const ofMachine: ReadonlySet<string> = new Set(['sharedSlots', 'memoryMiB', 'standby'] satisfies (keyof Config)[])

type Schema = Readonly<Record<string, unknown>>

/** The JSON schema of a config file: everything may be left out, and what holds then stands beside it. */
export function configSchema(): Schema {
  const known = defaults({ cores: 1, memoryMiB: 1024 })
  const properties = Object.entries(Config.properties).map(([name, schema]) => [
    name,
    ofMachine.has(name) ? schema : partly(schema, Reflect.get(known, name)),
  ])
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of Mayfly',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(properties) },
    additionalProperties: false,
  }
}

/** The same with members that may be left out where there are defaults for them. */
function partly(schema: unknown, known: unknown): unknown {
  if (known === undefined) return schema
  const { properties, required: _required, ...others } = schema as { properties?: Schema; required?: unknown }
  if (!properties || !isPlain(known)) return { ...(schema as Schema), default: known }
  const members = Object.entries(properties).map(([name, member]) => [name, partly(member, known[name])])
  return { ...others, properties: Object.fromEntries(members) }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
