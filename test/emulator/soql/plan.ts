import { ApiError } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { ObjectDefinition } from '../rows/define.ts'
import { type Row, type RowSet, rowSet } from '../rows/store.ts'
import { comparable, type Test, testOf } from './conditions.ts'
import { type Api, type Column, columnOf, objectOf } from './fields.ts'
import { type Condition, parse, type Query } from './parse.ts'
import { totalsOf } from './totals.ts'

/** A query that has been understood: what it shows of which rows. */
export interface Plan {
  readonly object: ObjectDefinition
  readonly query: Query
  readonly columns: readonly Column[]
  /** `SELECT COUNT() FROM …` gives a number and no rows. */
  readonly isCount: boolean
  /** Has totals or groups: its rows belong to no object. */
  readonly isAggregate: boolean
  /** Rows as they are now; of the recycle bin too when `all`. */
  readonly run: (all: boolean) => RowSet
}

/** Throws what Salesforce answers to a query that it does not understand. */
export function planOf(org: EmulatedOrg, soql: string, api: Api): Plan {
  return planOfQuery(org, parse(soql), api)
}

function planOfQuery(org: EmulatedOrg, query: Query, api: Api): Plan {
  const object = objectOf(org.rows, query.from, api)
  checkFilter(object, query.where)
  const column = (path: Column['name'] | { readonly name: string; readonly at: number }) =>
    columnOf(org.rows, object, typeof path === 'string' ? { name: path, at: 0 } : path, query)
  const valuesOf = (inner: Query) => {
    const plan = planOfQuery(org, inner, api)
    const found = plan.run(false)
    const first = plan.columns[0]
    return Array.from({ length: found.length }, (_, index) => first?.read(found.at(index)) ?? null)
  }
  const test = query.where && testOf(query.where, { query, nowMs: org.now(), column, valuesOf })
  const totals = query.selected.filter((item) => item.kind === 'total')
  const isCount = totals.some(({ path, total }) => total === 'count' && path === null)
  const isAggregate = !isCount && (totals.length > 0 || query.groupBy.length > 0)
  const sort = sorting(query, column)
  const plain = {
    object,
    query,
    isCount,
    isAggregate,
    columns: isAggregate || isCount ? [] : columnsOf(query, object, column),
  }
  const run = (all: boolean) => cut(query, sort(matching(org, object, test, all)))
  return isAggregate ? { ...plain, ...totalsOf(query, column, run) } : { ...plain, run }
}

function columnsOf(
  query: Query,
  object: ObjectDefinition,
  column: (path: { name: string; at: number }) => Column,
): Column[] {
  return query.selected.flatMap((item) => {
    if (item.kind === 'field') return column(item.path)
    if (item.kind !== 'fields') return []
    const names = [...object.fields.keys()].filter(
      (name) => item.which === 'ALL' || name.endsWith('__c') === (item.which === 'CUSTOM'),
    )
    return names.map((name) => column({ name, at: 0 }))
  })
}

function matching(org: EmulatedOrg, object: ObjectDefinition, test: Test | null, all: boolean): RowSet {
  const rows = org.rows.set(object.name)
  const hooks = org.rows.hooks(object.name).flatMap(({ read }) => read ?? [])
  const wanted = (row: Row) => (all || row.IsDeleted !== true) && (test === null || test(row))
  if (rows.isGenerated && test === null) return rows
  const indexes = Array.from({ length: rows.length }, (_, index) => index).filter((index) => wanted(rows.at(index)))
  if (hooks.length === 0) return { length: indexes.length, at: (index) => rows.at(indexes[index] as number) }
  const looked = indexes.map((index) => hooks.reduce((row, look) => look(row), rows.at(index)))
  return rowSet(looked.filter(wanted))
}

function sorting(query: Query, column: (path: { name: string; at: number }) => Column): (rows: RowSet) => RowSet {
  if (query.orderBy.length === 0) return (rows) => rows
  const keys = query.orderBy.map(({ path, ...how }) => ({ ...column(path), ...how }))
  return (rows) => {
    const sorted = Array.from({ length: rows.length }, (_, index) => rows.at(index)).sort((left, right) => {
      for (const { read, field, descending, nullsLast } of keys) {
        const order = orderOf(comparable(read(left), field.type), comparable(read(right), field.type), nullsLast)
        if (order.by !== 0) return descending && !order.isAboutNull ? -order.by : order.by
      }
      return 0
    })
    return rowSet(sorted)
  }
}

type Key = ReturnType<typeof comparable>

function orderOf(left: Key, right: Key, nullsLast: boolean): { readonly by: number; readonly isAboutNull: boolean } {
  if (left === null || right === null) {
    const by = left === right ? 0 : left === null ? -1 : 1
    return { by: nullsLast ? -by : by, isAboutNull: true }
  }
  return { by: left < right ? -1 : left > right ? 1 : 0, isAboutNull: false }
}

function cut({ limit, offset, groupBy }: Query, rows: RowSet): RowSet {
  if (groupBy.length > 0 || (limit === null && offset === 0)) return rows
  const length = Math.max(0, Math.min(rows.length - offset, limit ?? Number.POSITIVE_INFINITY))
  return { length, at: (index) => rows.at(index + offset) }
}

function checkFilter({ name, filterBy }: ObjectDefinition, where: Condition | null): void {
  if (filterBy.length === 0 || (where !== null && filtersBy(where, filterBy))) return
  throw new ApiError(
    400,
    'MALFORMED_QUERY',
    `Implementation restriction: ${name} requires a filter by a single Id on ${filterBy.join(' or ')} using the equals operator or multiple Id's using the IN operator.`,
  )
}

function filtersBy(condition: Condition, fields: readonly string[]): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.some((part) => filtersBy(part, fields))
    case 'compare':
      return condition.operator === '=' && fields.includes(condition.path.name)
    case 'in':
      return !condition.negated && fields.includes(condition.path.name)
    default:
      return false
  }
}
