/** Text of a definition in which `{member}` stands for what an input says there: `vault:org/{org}/session`. */
import type { KindDefinition } from '../contract/kind.ts'
import type { Json } from '../task/json.ts'
import type { Kind } from './registry.ts'

const place = /\{([A-Za-z_][A-Za-z0-9_]{0,63})\}/g
/** Neither a part of a path of its own, nor an end of one: whoever submits chooses a part of the text, and no more. */
const fitting = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/

type Schema = Readonly<Record<string, unknown>>

/** Those of a definition, each with what it is called in a sentence. */
export function templatesOf({
  secrets = {},
  stores = {},
  concurrency,
}: KindDefinition): readonly (readonly [string, string])[] {
  const references = Object.entries(secrets).map(([name, { reference }]) => [`secrets.${name}.reference`, reference])
  const stored = Object.entries(stores).map(([name, place]) => [`stores.${name}`, place])
  const all = [...references, ...stored, ['concurrency.key', concurrency?.key]]
  return all.filter((one): one is [string, string] => one[1] !== undefined)
}

/** What is wrong with those of a definition, in one sentence. */
export function templateFault(definition: KindDefinition): string | undefined {
  for (const [called, template] of templatesOf(definition)) {
    const fault = faultOf(template, definition.input)
    if (fault !== undefined) return `its ${called} ${fault}`
  }
  return undefined
}

/** What is wrong with a template for inputs of this schema, as a sentence goes on; nothing when it is right. */
function faultOf(template: string, { properties }: Schema): string | undefined {
  const known = new Map(Object.entries((properties ?? {}) as Record<string, Schema | undefined>))
  for (const name of membersOf(template)) {
    if (!known.has(name)) return `names {${name}}, which is no member of its input`
    if (known.get(name)?.type !== 'string') return `names {${name}}, whose schema must say that it is a string`
  }
  return /[{}]/.test(template.replace(place, '')) ? 'has a brace that belongs to no {member}' : undefined
}

/** The text for an input; undefined when a member is not there, or not one that fits. */
export function fill(template: string, input: Json): string | undefined {
  let isWhole = true
  const text = template.replace(place, (_, name: string) => {
    const value = memberOf(input, name)
    if (typeof value === 'string' && fitting.test(value)) return value
    isWhole = false
    return ''
  })
  return isWhole ? text : undefined
}

/** What is wrong with an input for the templates of its kind, in one sentence. */
export function complaintOf({ templates }: Pick<Kind, 'templates'>, input: Json): string | undefined {
  if (templates.length === 0) return undefined
  const odd = templates.flatMap(membersOf).find((name) => {
    const value = memberOf(input, name)
    return value !== undefined && !(typeof value === 'string' && fitting.test(value))
  })
  return (
    odd &&
    `${odd} must be letters, digits, "_", "." and "-", not beginning with "." or "-", at most 64 in all: secrets and what runs at once go by it`
  )
}

function membersOf(template: string): readonly string[] {
  return Array.from(template.matchAll(place), ([, name]) => name as string)
}

function memberOf(input: Json, name: string): Json | undefined {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || !Object.hasOwn(input, name))
    return undefined
  return (input as Readonly<Record<string, Json>>)[name]
}
