/** What came of the rows of an ingest job, behind what a file has already: fetched again when it did not come whole. */
import type { Context } from '../../context.ts'
import { RetryableError } from '../../errors/steering.ts'
import type { Org } from '../org.ts'
import { withoutHeader } from './header.ts'
import { recordsOf } from './page.ts'

export interface Results {
  /** As in "the successful rows of the ingest job 750…". */
  readonly what: string
  readonly path: string
  readonly file: string
  /** What of the file counts; the header of results stands at its beginning. */
  readonly offset: number
  /** As Salesforce says; null where it does not. */
  readonly records: number | null
}

const maxFetches = 3

/** Returns the size of the file. */
export async function fetchResults({ log }: Pick<Context, 'log'>, org: Org, results: Results): Promise<number> {
  const { what, path, file, offset, records } = results
  org.step = `fetching ${what}`
  const options = { offset, ...(offset > 0 && { through: () => withoutHeader }) }
  for (let fetches = 1; ; fetches++) {
    const { bytes } = await org.download(path, file, options)
    const came = await recordsOf(file, offset, offset === 0)
    if (came !== null && came === (records ?? came)) return bytes
    const how = came === null ? 'end within quotes' : `are ${came}`
    const message = `org ${org.alias}: ${what} ${how}${records === null ? '' : ` and should be ${records}`}`
    log.warn(`${message}${fetches < maxFetches ? ': they are fetched again' : ''}`)
    if (fetches < maxFetches) continue
    // Rows are in, and all that the org tells of them is here.
    if (came !== null) return bytes
    throw new RetryableError(`${message}, ${maxFetches} times: the org's results are damaged`, {
      code: 'SERVER_TRANSIENT',
    })
  }
}
