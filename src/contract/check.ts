import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { Static, TSchema } from './schema.ts'
import { toSentence } from './sentence.ts'

/** Says what is wrong with a value in one sentence, or nothing. */
export type Check = (value: unknown) => string | undefined

/** What is wrong with a value for one of our own schemas. `name` is what sentences call the whole value. */
export function checkOf(schema: TSchema, name: string): Check {
  return checkBy(ours, schema, name)
}

/** The same for the JSON schema of a kind, which is anybody's. One that cannot be used throws, at the first check. */
export function inputCheckOf(schema: Readonly<Record<string, unknown>>, name: string): Check {
  return checkBy(anybodys, schema, name)
}

/** The same for a schema that is made for one value: nothing of it is kept. */
export function complaintBy(schema: TSchema, value: unknown, name: string): string | undefined {
  return checkBy(formats.default(new Ajv(options)), schema, name)(value)
}

/** The same as a type guard, for values whose sentence nobody reads. */
export function guardOf<const S extends TSchema>(schema: S): (value: unknown) => value is Static<S> {
  const check = checkOf(schema, 'it')
  return (value): value is Static<S> => check(value) === undefined
}

/** Nothing is repaired, nothing is fetched, and a word that is not known means nothing. */
const options = {
  strict: false,
  strictNumbers: true,
  ownProperties: true,
  meta: false,
  validateSchema: false,
  // Two kinds may well give their schemas the same $id.
  addUsedSchema: false,
  logger: false,
  // Takes half of the time that compiling takes, and what comes of it runs no faster (measured).
  code: { optimize: false },
  // Errors bring the schema that was not met, and with it its description.
  verbose: true,
} as const

/** Takes the first alternative that fits and looks at no other one; the newest draft has to look at all. */
const ours = formats.default(new Ajv(options))
const anybodys = formats.default(new Ajv2020(options))

/** Compiled at the first use, because most processes never use most schemas. */
function checkBy(ajv: Ajv | Ajv2020, schema: object, name: string): Check {
  let isRight: ValidateFunction | undefined
  return (value) => {
    isRight ??= compile(ajv, schema)
    return isRight(value) ? undefined : toSentence(isRight.errors ?? [], name)
  }
}

function compile(ajv: Ajv | Ajv2020, schema: object): ValidateFunction {
  const compiled = ajv.compile(schema)
  if ('$async' in compiled) throw new Error('$async is no word of JSON schema')
  return compiled
}
