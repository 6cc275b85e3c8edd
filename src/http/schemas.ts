import type { FastifySchemaCompiler, FastifyServerOptions, FastifyTypeProvider } from 'fastify'
import { checkOf } from '../contract/check.ts'
import type { Static, TSchema } from '../contract/schema.ts'
import { Refusal } from '../task/errors.ts'

/** Gives routes the TypeScript types of their schemas. */
export interface ContractTypes extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: unknown
}

const partNames: Readonly<Record<string, string>> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the address',
  headers: 'the headers',
}

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/**
 * Our own instead of Fastify's, which loads two compilers, repairs what it should refuse and speaks like a machine.
 * Responses are built by our own code from our own types: there is nothing to filter, and nothing beats JSON.stringify.
 */
export const compilers = {
  buildValidator: () => validatorOf,
  buildSerializer: () => () => JSON.stringify,
  // Fastify gives this option the types of the compilers that it would load.
} as unknown as Compilers

const validatorOf: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = checkOf(schema, partNames[httpPart ?? ''] ?? 'the request')
  return (sent: unknown) => {
    const value = httpPart === 'querystring' ? readNumbers(schema, sent) : sent
    const sentence = check(value)
    return sentence === undefined ? { value } : { error: new Refusal('BAD_REQUEST', sentence) }
  }
}

/** A query holds text only; where its schema wants a number, plain digits become one. */
function readNumbers(schema: TSchema, query: unknown): unknown {
  const members: Readonly<Record<string, { type?: unknown }>> = Reflect.get(schema, 'properties') ?? {}
  return Object.fromEntries(
    Object.entries(query ?? {}).map(([name, text]) => {
      const type = Object.hasOwn(members, name) ? members[name]?.type : undefined
      const wanted = type === 'integer' || type === 'number'
      return [name, wanted && /^\d{1,15}(\.\d{1,6})?$/.test(String(text)) ? Number(text) : text]
    }),
  )
}
