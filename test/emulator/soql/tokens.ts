import { ApiError } from '../answer.ts'

export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'time' | 'date' | 'sign'
  readonly value: string
  /** Where it begins in the query, from 0. */
  readonly at: number
}

const shapes: readonly (readonly [Token['kind'], RegExp])[] = [
  ['text', /'((?:[^'\\]|\\.)*)'/y],
  ['time', /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/y],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /[+-]?\d+(?:\.\d+)?/y],
  ['word', /[A-Za-z][\w.]*(?::\d+)?/y],
  ['sign', /<=|>=|!=|<>|[=<>(),]/y],
]

export function tokensOf(soql: string): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < soql.length; ) {
    if (/\s/.test(soql.charAt(at))) {
      at += 1
      continue
    }
    const { token, length } = tokenAt(soql, at)
    tokens.push(token)
    at += length
  }
  return tokens
}

function tokenAt(soql: string, at: number): { readonly token: Token; readonly length: number } {
  for (const [kind, shape] of shapes) {
    shape.lastIndex = at
    const found = shape.exec(soql)
    if (found) return { token: { kind, value: unescaped(found[1] ?? found[0]), at }, length: found[0].length }
  }
  throw malformed(soql, at, `unexpected token: '${soql.charAt(at)}'`)
}

/** A refusal that shows the place, as Salesforce's do. */
export function malformed(soql: string, at: number, message: string, code = 'MALFORMED_QUERY'): ApiError {
  const excerpt = soql.slice(Math.max(0, at - 30), at + 40)
  const place = `ERROR at Row:1:Column:${at + 1}`
  return new ApiError(400, code, `\n${excerpt}\n${' '.repeat(Math.min(at, 30))}^\n${place}\n${message}`)
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ({ n: '\n', r: '\r', t: '\t' })[character] ?? character)
}
