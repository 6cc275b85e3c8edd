import { type Row, type RowSet, rowSet, type Value } from '../rows/store.ts'
import { comparable } from './conditions.ts'
import type { Column } from './fields.ts'
import type { Query, Selected } from './parse.ts'

type Total = Selected & { readonly kind: 'total' }

/** A query with totals or groups: one row a group, without an id of its own. */
export function totalsOf(
  query: Query,
  column: (path: { readonly name: string; readonly at: number }) => Column,
  rowsOf: (all: boolean) => RowSet,
): { readonly columns: readonly Column[]; readonly run: (all: boolean) => RowSet } {
  const keys = query.groupBy.map(column)
  let unnamed = 0
  const shown = query.selected.flatMap((item) => {
    if (item.kind === 'fields') return []
    if (item.kind === 'field') return [{ name: item.path.name.split('.').at(-1) ?? '', of: firstOf(column(item.path)) }]
    const name = item.alias ?? `expr${unnamed++}`
    return [{ name, of: totalOf(item, item.path && column(item.path)) }]
  })
  const run = (all: boolean) => {
    const groups = groupsOf(rowsOf(all), keys)
    const results = groups.map((rows) => Object.fromEntries(shown.map(({ name, of }) => [name, of(rows)])))
    return rowSet(results.map((result) => ({ Id: '', ...result })) as Row[])
  }
  return { columns: shown.map(({ name }) => plainColumn(name)), run }
}

function groupsOf(rows: RowSet, keys: readonly Column[]): Row[][] {
  const groups = new Map<string, Row[]>()
  if (keys.length === 0) groups.set('', [])
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows.at(index)
    const key = JSON.stringify(keys.map(({ read, field }) => comparable(read(row), field.type)))
    const group = keys.length === 0 ? groups.get('') : groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()]
}

function firstOf({ read }: Column): (rows: readonly Row[]) => Value {
  return ([row]) => (row ? read(row) : null)
}

function totalOf({ total }: Total, column: Column | null): (rows: readonly Row[]) => Value {
  if (!column) return (rows) => rows.length
  return (rows) => {
    const values = rows.map(column.read).filter((value): value is Exclude<Value, null> => value !== null)
    if (total === 'count') return values.length
    if (total === 'count_distinct') return new Set(values.map((value) => comparable(value, column.field.type))).size
    if (values.length === 0) return null
    if (total === 'max' || total === 'min') {
      const sorted = values.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0))
      return sorted.at(total === 'min' ? 0 : -1) ?? null
    }
    const sum = values.reduce<number>((before, value) => before + Number(value), 0)
    return total === 'avg' ? sum / values.length : sum
  }
}

function plainColumn(name: string): Column {
  const field = { name, type: 'string' } as Column['field']
  return { name, field, parents: [], read: (row) => row[name] ?? null }
}
