/** Pages of a bulk query one after the other: each names the one behind it. */
import { throwIfStopped } from '../transport.ts'
import { fetchPage } from './page.ts'
import type { BulkQueryState, WantedRows } from './query.ts'

const defaultPageRecords = 50_000

/** The state after each page. */
export async function* pagesInTurn(
  { context, org, query, id }: WantedRows,
  from: BulkQueryState,
): AsyncGenerator<BulkQueryState> {
  const { file, pageRecords = defaultPageRecords, compress = true } = query
  for (let state = from; !state.isDone; yield state) {
    throwIfStopped(context.signal)
    org.step = `fetching the rows of the bulk query ${id}, from row ${state.records + 1} on`
    const { locator, bytes: offset } = state
    const parameters = new URLSearchParams({ maxRecords: String(pageRecords), ...(locator !== null && { locator }) })
    const path = `/jobs/query/${id}/results?${parameters}`
    const page = await fetchPage(context, org, {
      ...{ path, file, offset, compress },
      keepsHeader: offset === 0,
      step: org.step,
    })
    const { records, bytes, locator: next } = page
    state = {
      ...state,
      locator: next,
      bytes,
      records: state.records + records,
      pages: state.pages + 1,
      isDone: next === null,
    }
  }
}
