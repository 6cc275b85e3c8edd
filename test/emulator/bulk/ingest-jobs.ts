import { type Answer, ApiError, csv, empty, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { type EmulatedRequest, jsonOf } from '../request.ts'
import { data, type Route } from '../route.ts'
import { csvLine, csvRows, delimiters } from './csv.ts'
import { type Ingest, ingest } from './ingest.ts'
import { abort, advance, isOver, type Job, shownJob, wrongState } from './jobs.ts'
import { inPieces, invalid, type JobRequest, jobOf, listJobs, newJob, removeJob } from './shared.ts'

/** Salesforce counts the bytes after base64. */
const maxUploadBytes = (150_000_000 * 3) / 4
const operations = new Set(['insert', 'update', 'upsert', 'delete', 'hardDelete'])

export interface IngestJob extends Job {
  readonly kind: 'ingest'
  readonly externalIdFieldName: string | null
  upload: Buffer | null
  /** How often a client has sent data: more than once is a mistake. */
  puts: number
  work: Ingest | null
}

export const ingestJobRoutes: readonly Route[] = [
  { method: 'POST', path: `${data}/jobs/ingest`, handle: create },
  { method: 'GET', path: `${data}/jobs/ingest`, handle: (org) => listJobs(org, 'ingest') },
  { method: 'GET', path: `${data}/jobs/ingest/:id`, handle: poll },
  { method: 'PATCH', path: `${data}/jobs/ingest/:id`, handle: change },
  { method: 'DELETE', path: `${data}/jobs/ingest/:id`, handle: (org, request) => removeJob(org, find(org, request)) },
  { method: 'PUT', path: `${data}/jobs/ingest/:id/batches`, handle: upload },
  { method: 'GET', path: `${data}/jobs/ingest/:id/successfulResults`, handle: successes },
  { method: 'GET', path: `${data}/jobs/ingest/:id/failedResults`, handle: failures },
  { method: 'GET', path: `${data}/jobs/ingest/:id/unprocessedrecords`, handle: unprocessed },
]

function find(org: EmulatedOrg, request: EmulatedRequest): IngestJob {
  return jobOf<IngestJob>(org, request, 'ingest')
}

function create(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const asked = jsonOf<JobRequest>(request)
  const { operation = '', externalIdFieldName = null } = asked
  const object = org.rows.definition(asked.object ?? '')
  if (!operations.has(operation)) throw invalid(`Invalid operation: ${operation}`)
  if (object?.api !== 'data' && object?.api !== 'both') {
    throw new ApiError(400, 'INVALIDENTITY', `${asked.object} is not supported by the Bulk API`)
  }
  if (operation === 'upsert' && externalIdFieldName === null) throw invalid('External ID was blank for an upsert')
  const made = newJob(org, request, { ...asked, object: object.name })
  const job = org.jobs.add<IngestJob>({
    ...made,
    kind: 'ingest',
    state: 'Open',
    externalIdFieldName,
    upload: null,
    puts: 0,
    work: null,
  })
  return json(shownIngest(job))
}

function upload(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = find(org, request)
  job.puts += 1
  if (job.puts > 1) {
    org.complain(`ingest job ${job.id} got ${job.puts} PUTs.`)
    throw wrongState(
      `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
    )
  }
  if (job.state !== 'Open') throw wrongState(`Data can only be uploaded to an open job; this one is ${job.state}`)
  if (request.body.length > maxUploadBytes) {
    throw new ApiError(400, 'CLIENT_INPUT_ERROR', 'ClientInputError : maximum upload size of 150 MB exceeded')
  }
  job.upload = request.body
  return empty(201)
}

function change(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = find(org, request)
  const { state } = jsonOf<JobRequest>(request)
  if (state === 'Aborted') abort(job)
  else if (state !== 'UploadComplete') throw invalid(`Invalid state: ${state}`)
  else if (job.state !== 'Open') throw wrongState(`Upload of job ${job.id} is already complete; it is ${job.state}`)
  else job.state = 'UploadComplete'
  return json(shownIngest(job))
}

function poll(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = find(org, request)
  advance(job, org.jobs.failureOf(job), (part) => {
    job.work ??= ingest(org, job)
    job.work.advanceTo(part)
  })
  return json(shownIngest(job))
}

function successes(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = over(find(org, request))
  // Not in the order of the input, as clients must not count on it.
  const rows = (job.work?.successes ?? []).toReversed()
  return table(
    job,
    ['sf__Id', 'sf__Created'],
    rows.map(({ id, created, cells }) => [id, String(created), ...cells]),
  )
}

function failures(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = over(find(org, request))
  const rows = job.work?.failures ?? []
  return table(
    job,
    ['sf__Id', 'sf__Error'],
    rows.map(({ id, error, cells }) => [id, error, ...cells]),
  )
}

function unprocessed(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const job = over(find(org, request))
  return table(job, [], job.work?.left() ?? uploaded(job).slice(1))
}

function table(job: IngestJob, extra: readonly string[], rows: Iterable<readonly string[]>): Answer {
  const delimiter = delimiters[job.columnDelimiter] ?? ','
  const end = job.lineEnding === 'CRLF' ? '\r\n' : '\n'
  const header = [...extra, ...(job.work?.columns ?? uploaded(job)[0] ?? [])]
  return csv(inPieces(lines()))

  function* lines(): Generator<string> {
    yield csvLine(header, delimiter, end)
    for (const row of rows) yield csvLine(row, delimiter, end)
  }
}

function uploaded({ upload: bytes, columnDelimiter }: IngestJob): string[][] {
  return [...csvRows(bytes?.toString() ?? '', delimiters[columnDelimiter] ?? ',')]
}

function over(job: IngestJob): IngestJob {
  if (!isOver(job)) throw wrongState(`The job has no results yet: it is ${job.state}`)
  return job
}

function shownIngest(job: IngestJob): Record<string, unknown> {
  const contentUrl = `services/data/v${job.apiVersion}/jobs/ingest/${job.id}/batches`
  const { externalIdFieldName } = job
  return { ...shownJob(job), contentUrl, ...(externalIdFieldName === null ? {} : { externalIdFieldName }) }
}
