import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/schema'
import { toSentence } from './sentence.ts'

/** Says what is wrong with a value in one sentence, or nothing. */
export type Check = (value: unknown) => string | undefined

/**
 * A check of values against a schema: one of ours, or the plain JSON schema of a kind. `name` is what sentences call
 * the whole value. Compiled at the first use, because most processes never use most schemas.
 */
export function checkOf(schema: TSchema | Readonly<Record<string, unknown>>, name: string): Check {
  let compiled: Validator | undefined
  return (value) => {
    compiled ??= Compile(schema)
    if (compiled.Check(value)) return undefined
    const [, errors] = compiled.Errors(value)
    return toSentence(errors, name, schema)
  }
}

/** The same as a type guard, for values whose sentence nobody reads. */
export function guardOf<const S extends TSchema>(schema: S): (value: unknown) => value is Static<S> {
  const check = checkOf(schema, 'it')
  return (value): value is Static<S> => check(value) === undefined
}
