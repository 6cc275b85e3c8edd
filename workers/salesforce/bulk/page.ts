/** One page of a bulk query's results, into a file as it comes: whole, or fetched again. */
import { FatalError, RetryableError } from '../../errors/steering.ts'
import type { Org } from '../org.ts'
import { countRecords, PageRows } from './page-rows.ts'
import type { BulkContext } from './query.ts'

export interface PageWanted {
  readonly path: string
  readonly file: string
  /** Where in the file it begins; what stands behind is cut off. */
  readonly offset: number
  /** Of the first page; all others begin with it, too. */
  readonly keepsHeader: boolean
  /** Rows of Salesforce take a tenth of the time packed. */
  readonly compress: boolean
  /** "fetching the rows … from row 1 on" */
  readonly step: string
}

export interface Page {
  readonly records: number
  /** Of the file, with this page. */
  readonly bytes: number
  /** Of the page behind it; null behind the last one. */
  readonly locator: string | null
}

const maxFetches = 3

/** Again when it has not as many rows as Salesforce says, or a quote that does not close: its end is missing, or worse. */
export async function fetchPage({ log }: Pick<BulkContext, 'log'>, org: Org, wanted: PageWanted): Promise<Page> {
  for (let fetches = 1; ; fetches++) {
    const { page, came } = await fetchOnce(org, wanted)
    if (came === page.records) return page
    const what = came === null ? 'ends within quotes' : `has ${came} rows`
    const message = `org ${org.alias}, while ${wanted.step}: the page ${what} and should have ${page.records}`
    if (fetches === maxFetches)
      throw new RetryableError(
        `${message}, ${maxFetches} times. Try a smaller pageRecords; where that does not help, the org's results are damaged: submit the query again`,
        { code: 'SERVER_TRANSIENT' },
      )
    log.warn(`${message}: it is fetched again`)
  }
}

async function fetchOnce(org: Org, { path, file, offset, keepsHeader, compress, step }: PageWanted) {
  let rows = new PageRows({ keepsHeader })
  const { headers, bytes } = await org.download(path, file, {
    offset,
    headers: { accept: 'text/csv', ...(!compress && { 'accept-encoding': 'identity' }) },
    step,
    through: () => {
      rows = new PageRows({ keepsHeader })
      return (source) => rows.of(source)
    },
  })
  const next = headers.get('sforce-locator')
  const locator = next === null || next === 'null' || next === '' ? null : next
  if (locator !== null && path.includes(`locator=${encodeURIComponent(locator)}`))
    throw new FatalError(`org ${org.alias}, while ${step}: the next page of rows is the same again (${locator})`)
  const records = Number(headers.get('sforce-numberofrecords') ?? rows.lines)
  const came = rows.lines === records ? records : await recordsOf(file, offset, keepsHeader)
  return { page: { records, bytes, locator }, came }
}

/** Null where a quote does not close. For where lines are not records, because values have several or because the page is damaged. */
export async function recordsOf(file: string, offset: number, hasHeader: boolean): Promise<number | null> {
  const records = await countRecords(file, offset)
  return records === null || !hasHeader ? records : Math.max(0, records - 1)
}
