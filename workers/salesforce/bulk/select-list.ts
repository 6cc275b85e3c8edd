/** The columns of a query, from what it selects: rows say nothing of a parent that is not there. */
import { invalidInput } from '../../errors/steering.ts'

export interface Column {
  readonly name: string
  readonly path: readonly string[]
}

export function columnsOf(soql: string): Column[] {
  const list = /^\s*SELECT\s+([\s\S]+)$/i.exec(soql)?.[1]
  if (list === undefined) throw invalidInput(`a query begins with SELECT: ${soql.slice(0, 200)}`)
  let unnamed = 0
  return itemsOf(list).map((item) => {
    const name = nameOf(item) ?? `expr${unnamed++}`
    return { name, path: name.split('.') }
  })
}

/** Null for a calculated one without a name of its own, which Salesforce numbers. */
function nameOf(item: string): string | null {
  const nested = /^\(\s*SELECT\b[\s\S]*?\bFROM\s+(\w+)/i.exec(item) ?? /^TYPEOF\s+(\w+)/i.exec(item)
  if (nested) return nested[1] ?? null
  const [, what = item, alias] = /^([\w.]+\s*(?:\([\s\S]*\))?)(?:\s+(\w+))?$/.exec(item) ?? []
  return alias ?? (what.includes('(') ? null : what)
}

/** What stands between commas, up to the FROM of the query itself. */
function itemsOf(list: string): string[] {
  const items: string[] = []
  let [depth, item] = [0, '']
  for (const [token] of list.matchAll(/[(),]|[\w.]+|\s+|[^\w\s(),.]+/g)) {
    if (depth === 0 && /^FROM$/i.test(token)) break
    if (token === '(') depth++
    if (token === ')') depth--
    if (depth === 0 && token === ',') {
      items.push(item.trim())
      item = ''
    } else item += token
  }
  return [...items, item.trim()]
}

/** Field names of answers may differ in case from the query. */
export function valueAt(row: unknown, path: readonly string[]): unknown {
  let value = row
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return null
    const entries = Object.entries(value)
    const lower = name.toLowerCase()
    value = (entries.find(([key]) => key === name) ?? entries.find(([key]) => key.toLowerCase() === lower))?.[1]
  }
  return value
}
