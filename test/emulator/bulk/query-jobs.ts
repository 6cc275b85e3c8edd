import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { type Answer, ApiError, csv, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { baseOf } from '../rest/api.ts'
import { data, type Route } from '../route.ts'
import type { Row, RowSet } from '../rows/store.ts'
import type { Column } from '../soql/fields.ts'
import { type Plan, planOf } from '../soql/plan.ts'
import { csvLine, delimiters } from './csv.ts'
import { abort, advance, type Job, shownJob, wrongState } from './jobs.ts'
import { inPieces, invalid, type JobRequest, jobOf, listJobs, newJob, removeJob } from './shared.ts'

/** Its rows stay as they were when it was made, for as long as it is there: a locator always means the same rows. */
interface QueryJob extends Job {
  readonly kind: 'query'
  readonly columns: readonly Column[]
  readonly rows: RowSet
}

const pagesAtOnce = 5

export const queryJobRoutes: readonly Route[] = [
  { method: 'POST', path: `${data}/jobs/query`, handle: create },
  { method: 'GET', path: `${data}/jobs/query`, handle: (org) => listJobs(org, 'query') },
  { method: 'GET', path: `${data}/jobs/query/:id`, handle: poll },
  { method: 'PATCH', path: `${data}/jobs/query/:id`, handle: change },
  { method: 'DELETE', path: `${data}/jobs/query/:id`, handle: (org, request) => removeJob(org, find(org, request)) },
  { method: 'GET', path: `${data}/jobs/query/:id/results`, handle: results },
  { method: 'GET', path: `${data}/jobs/query/:id/resultPages`, handle: resultPages },
]

function find(org: EmulatedOrg, request: EmulatedRequest): QueryJob {
  return jobOf<QueryJob>(org, request, 'query')
}

function create(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const asked = jsonOf<JobRequest>(request)
  if (asked.operation !== 'query' && asked.operation !== 'queryAll')
    throw invalid(`Invalid operation: ${asked.operation}`)
  const plan = planOf(org, asked.query ?? '', 'data')
  checkForBulk(plan)
  const { columns, object } = plan
  const rows = plan.run(asked.operation === 'queryAll')
  const made = newJob(org, request, { ...asked, object: object.name })
  const job = org.jobs.add<QueryJob>({ ...made, kind: 'query', state: 'UploadComplete', columns, rows })
  return json(shownJob(job))
}

function poll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = find(org, request)
  advance(job, org.jobs.failureOf(job), (part) => {
    job.processed = Math.floor(job.rows.length * part)
  })
  return json(shownJob(job))
}

function change(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = find(org, request)
  if (jsonOf<JobRequest>(request).state !== 'Aborted') throw invalid('A query job can only be aborted')
  abort(job)
  return json(shownJob(job))
}

function results(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = complete(find(org, request))
  const from = positionOf(request.query.get('locator'), job)
  const to = Math.min(job.rows.length, from + pageRowsOf(org, request))
  const headers = {
    'sforce-locator': to < job.rows.length ? locatorOf(to) : 'null',
    'sforce-numberofrecords': String(to - from),
  }
  const body = inPieces(linesOf(job, from, to))
  const isGzip = org.compressesResults && /\bgzip\b/.test(String(request.headers['accept-encoding']))
  if (!isGzip) return csv(body, headers)
  const zipped: AsyncIterable<Buffer> = Readable.from(body).compose(createGzip({ level: 1 }))
  return csv(zipped, { ...headers, 'content-encoding': 'gzip' })
}

/** The next five pages, so that they can be fetched side by side. */
function resultPages(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = complete(find(org, request))
  const from = positionOf(request.query.get('locator'), job)
  const pageRows = pageRowsOf(org, request)
  const base = `${baseOf(request)}/jobs/query/${job.id}`
  const count = Math.min(pagesAtOnce, Math.max(1, Math.ceil((job.rows.length - from) / pageRows)))
  const pages = Array.from({ length: count }, (_, index) => locatorOf(from + index * pageRows))
  const next = from + count * pageRows
  const done = next >= job.rows.length
  const asked = request.query.has('maxRecords') ? `&maxRecords=${pageRows}` : ''
  return json({
    resultPages: pages.map((locator) => ({ resultUrl: `${base}/results?locator=${locator}${asked}` })),
    done,
    nextRecordsUrl: done ? null : `${base}/resultPages?locator=${locatorOf(next)}${asked}`,
  })
}

function* linesOf(
  { columns, rows, columnDelimiter, lineEnding }: QueryJob,
  from: number,
  to: number,
): Generator<string> {
  const delimiter = delimiters[columnDelimiter] ?? ','
  const end = lineEnding === 'CRLF' ? '\r\n' : '\n'
  const names = columns.map(({ name }) => name)
  yield csvLine(names, delimiter, end)
  for (let index = from; index < to; index += 1) {
    const row = rows.at(index)
    yield csvLine(
      columns.map((column) => cellOf(column, row)),
      delimiter,
      end,
    )
  }
}

function cellOf({ read, field }: Column, row: Row): string {
  const value = read(row)
  if (value === null) return ''
  return field.type === 'datetime' ? String(value).replace('+0000', 'Z') : String(value)
}

function checkForBulk({ isCount, isAggregate, query, columns, object }: Plan): void {
  if (isCount || isAggregate) throw refused('Aggregate Relationships not supported in Bulk Query')
  if (query.offset > 0) throw refused('OFFSET is not supported in Bulk Query')
  if (object.filterBy.length > 0 && !query.where) throw refused(`${object.name} is not supported by the Bulk API`)
  for (const { field } of columns) {
    if (field.type === 'base64') throw refused('Binary fields are not supported in Bulk Query')
    if (field.type === 'address' || field.type === 'location') {
      throw refused('Selecting compound data not supported in Bulk Query')
    }
  }
}

function refused(message: string): ApiError {
  return new ApiError(400, 'API_ERROR', message)
}

function complete(job: QueryJob): QueryJob {
  if (job.state !== 'JobComplete') throw wrongState(`The job has no results: it is ${job.state}`)
  return job
}

function pageRowsOf(org: EmulatedOrg, { query }: EmulatedRequest): number {
  const asked = Number(query.get('maxRecords'))
  return asked > 0 ? asked : org.bulkPageRows
}

function locatorOf(position: number): string {
  return Buffer.from(String(position)).toString('base64url')
}

function positionOf(locator: string | null, { rows }: QueryJob): number {
  if (locator === null) return 0
  const position = Number(Buffer.from(locator, 'base64url').toString())
  if (!Number.isInteger(position) || position > rows.length)
    throw new ApiError(400, 'INVALID_LOCATOR', 'Invalid locator')
  return position
}
