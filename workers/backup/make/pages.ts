/** Rows of a small object, page by page as REST gives them, as CSV. */
import type { Org } from '../../salesforce/org.ts'
import { toLine, toText } from '../csv.ts'

export interface Counted {
  rows: number
}

/** With a line of the columns before; the rows are counted as they pass. Deleted ones are among them. */
export async function* pagesOf(
  org: Org,
  soqls: Iterable<string> | AsyncIterable<string>,
  columns: readonly string[],
  counted: Counted,
  step: string,
): AsyncGenerator<string> {
  yield toLine(columns)
  for await (const soql of soqls) {
    for await (const { rows } of org.data.pages(soql, { all: true, step })) {
      counted.rows += rows.length
      if (rows.length > 0) yield rows.map((row) => toLine(columns.map((column) => toText(row[column])))).join('')
    }
  }
}
