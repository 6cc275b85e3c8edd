import { malformed, type Token, tokensOf } from './tokens.ts'

export interface Path {
  /** `Owner.Username`, as written. */
  readonly name: string
  readonly at: number
}

export type Literal =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  /** A time, a day, or a span such as `LAST_N_DAYS:30`. */
  | { readonly kind: 'time'; readonly value: string }

export type Comparison = '=' | '!=' | '<' | '>' | '<=' | '>='

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly operator: Comparison; readonly value: Literal }
  | { readonly kind: 'like'; readonly path: Path; readonly pattern: string }
  | { readonly kind: 'in'; readonly path: Path; readonly values: readonly Literal[] | Query; readonly negated: boolean }

export type Selected =
  | { readonly kind: 'field'; readonly path: Path }
  | { readonly kind: 'fields'; readonly which: string }
  | { readonly kind: 'total'; readonly total: string; readonly path: Path | null; readonly alias: string | null }

export interface Query {
  readonly soql: string
  readonly selected: readonly Selected[]
  readonly from: string
  readonly fromAt: number
  readonly where: Condition | null
  readonly groupBy: readonly Path[]
  readonly orderBy: readonly { readonly path: Path; readonly descending: boolean; readonly nullsLast: boolean }[]
  readonly limit: number | null
  readonly offset: number
}

const totals = /^(count|count_distinct|max|min|sum|avg)$/i
const words = /^(where|group|order|limit|offset|for|all|from|using|having)$/i

export function parse(soql: string): Query {
  const parser = new Parser(soql)
  const query = parser.query()
  parser.end()
  return query
}

class Parser {
  readonly #soql: string
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(soql: string) {
    this.#soql = soql
    this.#tokens = tokensOf(soql)
  }

  query(): Query {
    this.#expect('select')
    const selected = this.#list(() => this.#selected())
    this.#expect('from')
    const from = this.#word()
    if (!this.#isAt(words) && this.#peek()?.kind === 'word') this.#word()
    const where = this.#accept('where') ? this.#condition() : null
    const groupBy = this.#accept('group') ? this.#by(() => this.#path()) : []
    const orderBy = this.#accept('order') ? this.#by(() => this.#order()) : []
    const limit = this.#accept('limit') ? this.#number() : null
    const offset = this.#accept('offset') ? this.#number() : 0
    if (this.#accept('all')) this.#expect('rows')
    const { value, at } = from
    return { soql: this.#soql, selected, from: value, fromAt: at, where, groupBy, orderBy, limit, offset }
  }

  end(): void {
    const token = this.#peek()
    if (token) throw this.#unexpected(token)
  }

  #selected(): Selected {
    const word = this.#word()
    if (!this.#accept('(')) return { kind: 'field', path: { name: word.value, at: word.at } }
    if (/^fields$/i.test(word.value)) {
      const which = this.#word().value.toUpperCase()
      this.#expect(')')
      return { kind: 'fields', which }
    }
    if (!totals.test(word.value)) throw this.#unexpected(word)
    const path = this.#isAt(/^\)$/) ? null : this.#path()
    this.#expect(')')
    const isAliased = this.#peek()?.kind === 'word' && !this.#isAt(words)
    return { kind: 'total', total: word.value.toLowerCase(), path, alias: isAliased ? this.#word().value : null }
  }

  #condition(): Condition {
    const first = this.#term()
    const kind = this.#isAt(/^and$/i) ? 'and' : this.#isAt(/^or$/i) ? 'or' : null
    if (kind === null) return first
    const parts = [first]
    while (this.#accept(kind)) parts.push(this.#term())
    const token = this.#peek()
    // Salesforce takes no AND beside an OR without parentheses.
    if (token && /^(and|or)$/i.test(token.value)) throw this.#unexpected(token)
    return { kind, parts }
  }

  #term(): Condition {
    if (this.#accept('not')) return { kind: 'not', part: this.#term() }
    if (this.#accept('(')) {
      const inner = this.#condition()
      this.#expect(')')
      return inner
    }
    return this.#comparison(this.#path())
  }

  #comparison(path: Path): Condition {
    if (this.#accept('like')) return { kind: 'like', path, pattern: this.#text() }
    if (this.#accept('in')) return { kind: 'in', path, values: this.#values(), negated: false }
    if (this.#accept('not')) {
      this.#expect('in')
      return { kind: 'in', path, values: this.#values(), negated: true }
    }
    const token = this.#take()
    const operator = token.value === '<>' ? '!=' : token.value
    if (!/^(=|!=|<|>|<=|>=)$/.test(operator)) throw this.#unexpected(token)
    return { kind: 'compare', path, operator: operator as Comparison, value: this.#literal() }
  }

  #values(): readonly Literal[] | Query {
    this.#expect('(')
    const values = this.#isAt(/^select$/i) ? this.query() : this.#list(() => this.#literal())
    this.#expect(')')
    return values
  }

  #literal(): Literal {
    const token = this.#take()
    if (token.kind === 'text') return { kind: 'value', value: token.value }
    if (token.kind === 'number') return { kind: 'value', value: Number(token.value) }
    if (token.kind === 'time' || token.kind === 'date') return { kind: 'time', value: token.value }
    if (token.kind !== 'word') throw this.#unexpected(token)
    const word = token.value.toUpperCase()
    if (word === 'NULL') return { kind: 'value', value: null }
    if (word === 'TRUE' || word === 'FALSE') return { kind: 'value', value: word === 'TRUE' }
    if (/^(TODAY|YESTERDAY|TOMORROW|(LAST|NEXT|THIS)_\w+(:\d+)?)$/.test(word)) return { kind: 'time', value: word }
    throw this.#unexpected(token)
  }

  #order(): Query['orderBy'][number] {
    const path = this.#path()
    const descending = this.#accept('desc')
    if (!descending) this.#accept('asc')
    const nullsLast = this.#accept('nulls') ? this.#word().value.toLowerCase() === 'last' : false
    return { path, descending, nullsLast }
  }

  #by<T>(item: () => T): T[] {
    this.#expect('by')
    return this.#list(item)
  }

  #list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.#accept(',')) items.push(item())
    return items
  }

  #path(): Path {
    const { value, at } = this.#word()
    return { name: value, at }
  }

  #word(): Token {
    const token = this.#take()
    if (token.kind !== 'word') throw this.#unexpected(token)
    return token
  }

  #text(): string {
    const token = this.#take()
    if (token.kind !== 'text') throw this.#unexpected(token)
    return token.value
  }

  #number(): number {
    const token = this.#take()
    if (token.kind !== 'number') throw this.#unexpected(token)
    return Number(token.value)
  }

  #accept(value: string): boolean {
    const token = this.#peek()
    const isThere = token !== undefined && token.kind !== 'text' && token.value.toLowerCase() === value
    if (isThere) this.#next += 1
    return isThere
  }

  #expect(value: string): void {
    if (!this.#accept(value)) throw this.#unexpected(this.#peek())
  }

  #isAt(shape: RegExp): boolean {
    const token = this.#peek()
    return token !== undefined && token.kind !== 'text' && shape.test(token.value)
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next]
  }

  #take(): Token {
    const token = this.#peek()
    if (!token) throw this.#unexpected(token)
    this.#next += 1
    return token
  }

  #unexpected(token: Token | undefined): Error {
    const what = token ? `unexpected token: '${token.value}'` : "unexpected token: '<EOF>'"
    return malformed(this.#soql, token?.at ?? this.#soql.length, what)
  }
}
