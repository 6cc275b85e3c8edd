/** Rows as CSV: what is written here, and what the bulk API sends, read back row by row. */
import type { Readable } from 'node:stream'
import type { Row } from './values.ts'

/** One line, quoted as the bulk API does: every value, so that a line break in one cannot end the row. */
export function toLine(values: readonly (string | null | undefined)[]): string {
  return `${values.map((value) => (value ? `"${value.replaceAll('"', '""')}"` : '""')).join(',')}\n`
}

/** What REST says of a value, as the bulk API would write it. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A value may be as long as the longest text area; more is no CSV of an org. */
const longestRowBytes = 16 * 1024 * 1024

/** Rows by the names in the first line, as fast as they are taken. Rejects for a quote that never ends, or a row of another width. */
export async function* rowsOf(source: Readable): AsyncGenerator<Row> {
  const { parse } = await import('csv-parse')
  const parser = parse({ columns: true, bom: true, skip_empty_lines: true, max_record_size: longestRowBytes })
  // An error of the source must end the reading, and `pipe` does not pass it on.
  source.once('error', (error) => parser.destroy(error))
  try {
    yield* source.pipe(parser) as AsyncIterable<Row>
  } finally {
    source.destroy()
  }
}
