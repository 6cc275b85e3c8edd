import type { FieldType } from '../rows/define.ts'
import { looksLikeId, to18 } from '../rows/ids.ts'
import type { Row, Value } from '../rows/store.ts'
import { momentOf, spanOf } from './dates.ts'
import type { Column } from './fields.ts'
import type { Comparison, Condition, Literal, Path, Query } from './parse.ts'
import { malformed } from './tokens.ts'

export type Test = (row: Row) => boolean

export interface Surroundings {
  readonly query: Query
  readonly nowMs: number
  readonly column: (path: Path) => Column
  /** The values of a query within `IN (…)`. */
  readonly valuesOf: (query: Query) => readonly Value[]
}

/** Compiles a condition into a test of rows. */
export function testOf(condition: Condition, around: Surroundings): Test {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.parts.map((part) => testOf(part, around))
      return (row) => tests.every((test) => test(row))
    }
    case 'or': {
      const tests = condition.parts.map((part) => testOf(part, around))
      return (row) => tests.some((test) => test(row))
    }
    case 'not': {
      const test = testOf(condition.part, around)
      return (row) => !test(row)
    }
    case 'like':
      return likeTest(around.column(condition.path), condition.pattern)
    case 'in':
      return inTest(condition, around)
    case 'compare':
      return compareTest(condition, around)
  }
}

function likeTest({ read }: Column, pattern: string): Test {
  const source = pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '[^]*')
    .replaceAll('_', '[^]')
  const shape = new RegExp(`^${source}$`, 'i')
  return (row) => {
    const value = read(row)
    return value !== null && shape.test(String(value))
  }
}

function inTest(condition: Condition & { readonly kind: 'in' }, around: Surroundings): Test {
  const { read, field } = around.column(condition.path)
  const values = Array.isArray(condition.values)
    ? (condition.values as readonly Literal[]).map(({ value }) => value)
    : around.valuesOf(condition.values as Query)
  const wanted = new Set(values.map((value) => comparable(value, field.type)))
  return (row) => wanted.has(comparable(read(row), field.type)) !== condition.negated
}

function compareTest(condition: Condition & { readonly kind: 'compare' }, around: Surroundings): Test {
  const { operator, value: literal, path } = condition
  const { read, field } = around.column(path)
  const isTime = field.type === 'date' || field.type === 'datetime'
  if (isTime && literal.value !== null) return timeTest(read, operator, literal, path, around)
  if (!isTime && literal.kind === 'time') throw mismatch(around.query, path, literal.value)
  const wanted = comparable(literal.value, field.type)
  if (wanted === null || operator === '=' || operator === '!=') {
    return (row) => (comparable(read(row), field.type) === wanted) === (operator === '=')
  }
  return (row) => {
    const value = comparable(read(row), field.type)
    return value !== null && ordered(operator, value < wanted ? -1 : value > wanted ? 1 : 0)
  }
}

function timeTest(
  read: Column['read'],
  operator: Comparison,
  literal: Literal,
  path: Path,
  { query, nowMs }: Surroundings,
): Test {
  const span = literal.kind === 'time' ? spanOf(literal.value, nowMs) : null
  if (!span) throw mismatch(query, path, String(literal.value))
  return (row) => {
    const moment = momentOf(read(row))
    if (moment === null) return operator === '!='
    const isInside = moment === span.fromMs || (moment >= span.fromMs && moment < span.toMs)
    return ordered(operator, isInside ? 0 : moment < span.fromMs ? -1 : 1)
  }
}

function ordered(operator: Comparison, order: number): boolean {
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
  }
}

/** Text without regard to case, ids in their long form, times as milliseconds. */
export function comparable(value: Value, type: FieldType): string | number | boolean | null {
  if (value === null || Buffer.isBuffer(value)) return null
  if (type === 'id' || type === 'reference') return looksLikeId(String(value)) ? to18(String(value)) : String(value)
  if (type === 'date' || type === 'datetime') return momentOf(value)
  if (typeof value !== 'string') return value
  return value === '' ? null : value.toLowerCase()
}

function mismatch({ soql }: Query, { name, at }: Path, value: string): Error {
  return malformed(
    soql,
    at,
    `value of filter criterion for field '${name}' must be of another type: ${value}`,
    'INVALID_FIELD',
  )
}
