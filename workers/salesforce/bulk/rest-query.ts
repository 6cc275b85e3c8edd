/** What the Bulk API does not do: aggregates, OFFSET, TYPEOF, child queries. By REST, page by page, as the same CSV. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Org } from '../org.ts'
import { throwIfStopped } from '../transport.ts'
import { delimiterOf } from './job.ts'
import { type BulkContext, type BulkQuery, tooMany } from './query.ts'
import { columnsOf, valueAt } from './select-list.ts'

const restOnly = /\bGROUP\s+BY\b|\bOFFSET\b|\bTYPEOF\b|\(\s*SELECT\b|\b(?:COUNT|COUNT_DISTINCT|AVG|SUM|MIN|MAX)\s*\(/i

export function needsRest(soql: string): boolean {
  // Queries inside a condition are no child queries.
  const selected = soql.replace(/'(?:\\.|[^'\\])*'/g, "''").replace(/\bIN\s*\(\s*SELECT\b/gi, 'IN (')
  return restOnly.test(selected)
}

/** Starts over at each attempt: such queries give few rows. */
export async function restQuery({ progress, signal }: BulkContext, org: Org, query: BulkQuery) {
  org.step = 'querying'
  const { soql, operation, maxRows = Number.POSITIVE_INFINITY, columnDelimiter = 'COMMA', file } = query
  const columns = columnsOf(soql)
  const line = (cells: unknown[]) => `${cells.map(cellOf).join(delimiterOf[columnDelimiter])}\n`
  let [records, pages] = [0, 0]
  async function* lines() {
    yield line(columns.map(({ name }) => name))
    for await (const { rows, total } of org.data.pages(soql, { all: operation === 'queryAll' })) {
      throwIfStopped(signal)
      if (total > maxRows) throw tooMany(org, total, maxRows)
      yield rows.map((row) => line(columns.map(({ path }) => valueAt(row, path)))).join('')
      records += rows.length
      pages++
      progress({ phase: 'fetching', percent: percentOf(records, total), done: records, total, unit: 'records' })
    }
  }
  const target = createWriteStream(file)
  await pipeline(Readable.from(lines()), target)
  return { records, pages, bytes: target.bytesWritten }
}

function percentOf(done: number, total: number): number | null {
  return total > 0 ? Math.floor((100 * done) / total) : null
}

/** As the Bulk API writes it: everything in quotes. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '""'
  const text = typeof value === 'object' ? JSON.stringify(value, withoutAttributes) : String(value)
  return `"${text.replaceAll('"', '""')}"`
}

function withoutAttributes(key: string, value: unknown): unknown {
  return key === 'attributes' ? undefined : value
}
