import type { ContractKind } from '../../../contract/kinds.ts'
import { commentOf, nameOf, typeOf } from './schema.ts'

const head = `/**
 * The kinds of task that a Mayfly has, as \`mayfly kinds --types\` wrote them:
 *
 *     import { Mayfly } from 'mayfly/client'
 *     import type { Kinds } from './kinds.js'
 *
 *     const mayfly = new Mayfly<Kinds>({ url, token })
 */`

/** A module of TypeScript that says of each kind what it takes and gives. */
export function typesOf(kinds: readonly Pick<ContractKind, 'kind' | 'title' | 'input' | 'result'>[]): string {
  const members = kinds.map(({ kind, title, input, result }) => {
    const lines = [`input: ${typeOf(input, '    ')}`, `result: ${result ? typeOf(result, '    ') : 'unknown'}`]
    return `${commentOf(title, '  ')}  ${nameOf(kind)}: {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`
  })
  return `${head}\nexport interface Kinds {\n${members.join('')}}`
}
