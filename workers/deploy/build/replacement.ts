/** One of the `replacements` of sfdx-project.json, as it is written there. */
import { FatalError } from '../../errors/steering.ts'

export interface Replacement {
  /** For sentences: "the replacement of "TOKEN" in app/classes/A.cls". */
  readonly what: string
  /** One of these says in which files. */
  readonly filename?: string
  readonly glob?: string
  /** One of these says what is replaced. */
  readonly stringToReplace?: string
  readonly regexToReplace?: string
  /** One of these says by what: a variable, or the text of a file. */
  readonly env?: string
  readonly file?: string
  /** Then nothing takes the place of a variable that is not there. */
  readonly mayBeUnset: boolean
  readonly conditions: readonly { readonly env: string; readonly value: string }[]
}

/** Throws FatalError where it says too little or too much. */
export function replacementsIn(value: unknown): readonly Replacement[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new FatalError('sfdx-project.json: replacements is a list')
  return value.map((one, at) => replacementOf(one, `replacements[${at}]`))
}

function replacementOf(value: unknown, place: string): Replacement {
  const given = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>
  const where = oneOf(given, ['filename', 'glob'], place)
  const what = oneOf(given, ['stringToReplace', 'regexToReplace'], place)
  const by = oneOf(given, ['replaceWithEnv', 'replaceWithFile'], place)
  if (what.name === 'regexToReplace') refuseBadPattern(what.text, place)
  return {
    what: `the replacement of ${JSON.stringify(what.text)} in ${where.text}`,
    [where.name]: where.text.replaceAll('\\', '/').replace(/^\.?\//, ''),
    [what.name]: what.text,
    ...(by.name === 'replaceWithEnv' ? { env: by.text } : { file: by.text.replaceAll('\\', '/') }),
    mayBeUnset: given.allowUnsetEnvVariable === true,
    conditions: conditionsIn(given.replaceWhenEnv, place),
  }
}

function oneOf(given: Readonly<Record<string, unknown>>, names: readonly string[], place: string) {
  const there = names.filter((name) => given[name] !== undefined)
  const [name = ''] = there
  const text = given[name]
  if (there.length === 1 && typeof text === 'string' && text !== '') return { name, text }
  throw new FatalError(`sfdx-project.json: ${place} needs one text, ${names.join(' or ')}`)
}

function refuseBadPattern(pattern: string, place: string): void {
  try {
    new RegExp(pattern, 'g')
  } catch (error) {
    throw new FatalError(`sfdx-project.json: ${place}.regexToReplace is no pattern: ${(error as Error).message}`)
  }
}

function conditionsIn(value: unknown, place: string): Replacement['conditions'] {
  if (value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [null]
  return list.map((one) => {
    const { env, value: wanted } = (one ?? {}) as { readonly env?: unknown; readonly value?: unknown }
    if (typeof env === 'string' && ['string', 'number', 'boolean'].includes(typeof wanted))
      return { env, value: String(wanted) }
    throw new FatalError(`sfdx-project.json: ${place}.replaceWhenEnv is a list of {"env", "value"}`)
  })
}
