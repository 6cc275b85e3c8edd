/**
 * Puts any number of rows into an org: job after job, each with as much of the file as Salesforce takes at once. Rows that
 * failed for a lock go into smaller jobs afterwards, those of one parent together. Results are streamed to files.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Org } from '../org.ts'
import { POLICIES } from '../policies.ts'
import { isLocked, sortFailed } from './failed-rows.ts'
import { type BulkJob, type ColumnDelimiter, delimiterOf, requireComplete } from './job.ts'
import type { BulkContext } from './query.ts'
import { fetchResults } from './results.ts'
import { type Split, splitCsv } from './split.ts'
import { type IngestJobState, runUploadJob } from './upload-job.ts'

export interface Ingest {
  readonly object: string
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete'
  readonly externalIdField?: string
  readonly columnDelimiter?: ColumnDelimiter
  readonly assignmentRuleId?: string
  /** Of one job; 90 MB when left out, because Salesforce takes 150 MB in base64. */
  readonly chunkBytes?: number
  /** How often rows that failed for a lock, or with one of these codes, are tried again; twice when left out. */
  readonly retryFailed?: { readonly times: number; readonly codes?: readonly string[] }
}

export interface IngestFiles {
  /** The CSV that is put in. */
  readonly source: string
  /** Where results and retries go: a place that survives attempts. */
  readonly directory: string
}

/** How far it came: all that another attempt needs, which opens the org in this version of the API. */
export interface IngestState {
  readonly apiVersion: string
  /** 0: the file itself. After that what failed in the one before. */
  readonly round: number
  readonly chunk: number
  readonly job: IngestJobState | null
  /** What counts of the files of results. */
  readonly bytes: Readonly<Record<'successful' | 'failed' | 'unprocessed' | 'again', number>>
  readonly counts: IngestCounts
}

export interface IngestCounts {
  readonly jobs: number
  readonly succeeded: number
  readonly failed: number
  /** Rows that were put in once more. */
  readonly retried: number
}

export interface IngestMemo {
  read(): IngestState | null
  write(state: IngestState): Promise<void>
}

export const RESULT_FILES = ['successful', 'failed', 'unprocessed'] as const

const defaultChunkBytes = 90_000_000
const smallestChunkBytes = 10_000
const smaller = 4
const defaultRetries = 2

function emptyState(apiVersion: string): IngestState {
  const bytes = { successful: 0, failed: 0, unprocessed: 0, again: 0 }
  return { apiVersion, round: 0, chunk: 0, job: null, bytes, counts: { jobs: 0, succeeded: 0, failed: 0, retried: 0 } }
}

/** Rejects when a job as a whole fails; what its rows came to is in the files then, too. */
export async function bulkIngest(
  context: BulkContext,
  org: Org,
  ingest: Ingest,
  files: IngestFiles,
  memo: IngestMemo,
): Promise<IngestCounts> {
  let state = memo.read() ?? emptyState(org.apiVersion)
  for (;;) {
    state = await ingestRound({ context, org, ingest, files, memo }, state)
    if (state.bytes.again === 0) return state.counts
    const { firstMs, longestMs } = POLICIES.LOCK
    const waitMs = (context.input.pollSeconds ?? Math.min(longestMs, firstMs * 2 ** state.round) / 1_000) * 1_000
    context.log.info(`rows failed for locks: they are tried again, in smaller jobs, round ${state.round + 1}`)
    await sleep(waitMs, undefined, { signal: context.signal })
    state = { ...state, round: state.round + 1, chunk: 0, job: null, bytes: { ...state.bytes, again: 0 } }
    await memo.write(state)
  }
}

interface Work {
  readonly context: BulkContext
  readonly org: Org
  readonly ingest: Ingest
  readonly files: IngestFiles
  readonly memo: IngestMemo
}

async function ingestRound(work: Work, begun: IngestState): Promise<IngestState> {
  const { chunkBytes = defaultChunkBytes } = work.ingest
  const file = sourceOf(work, begun.round)
  const ownBytes = Math.max(Math.min(smallestChunkBytes, chunkBytes), Math.floor(chunkBytes / smaller ** begun.round))
  const split = await splitCsv(file, ownBytes)
  let state = begun
  while (state.chunk < split.chunks.length) state = await ingestChunk(work, state, { file, split })
  return state
}

function sourceOf({ files }: Work, round: number): string {
  return round === 0 ? files.source : `${files.directory}/again-${round}.csv`
}

interface Source {
  readonly file: string
  readonly split: Split
}

async function ingestChunk(work: Work, begun: IngestState, { file, split }: Source): Promise<IngestState> {
  const { context, org, ingest, memo } = work
  const chunk = split.chunks[begun.chunk]
  if (!chunk) return begun
  let { job: known } = begun
  const jobMemo = {
    read: () => known,
    async write(job: IngestJobState | null) {
      await memo.write({ ...begun, job })
      known = job
    },
  }
  const onLook = (job: BulkJob) => context.progress(progressOf(job, begun, split))
  context.progress(progressOf(null, begun, split))
  const upload = { job: requestOf(ingest, split), file, split, chunk, onLook }
  const done = await runUploadJob(context, org, upload, jobMemo)
  const state = await collect(work, begun, done)
  await memo.write(state)
  requireComplete(done, org, `putting ${chunk.records} records into ${ingest.object} (job ${done.id})`)
  return state
}

function requestOf({ object, operation, externalIdField, columnDelimiter, assignmentRuleId }: Ingest, split: Split) {
  return {
    object,
    operation,
    contentType: 'CSV',
    lineEnding: split.lineEnding,
    ...(externalIdField !== undefined && { externalIdFieldName: externalIdField }),
    ...(columnDelimiter && { columnDelimiter }),
    ...(assignmentRuleId !== undefined && { assignmentRuleId }),
  }
}

/** The files grow by what came of the job; cut first to what counted before, so that nothing stands there twice. */
async function collect(work: Work, begun: IngestState, job: BulkJob): Promise<IngestState> {
  const { context, org, files } = work
  const { numberRecordsProcessed: processed = 0, numberRecordsFailed: failures = 0, id } = job
  const isComplete = job.state === 'JobComplete'
  const fetch = (name: string, kind: 'successful' | 'unprocessed', records: number | null) => {
    const [what, path] = [`the ${kind} rows of the ingest job ${id}`, `/jobs/ingest/${id}/${name}`]
    const [file, offset] = [`${files.directory}/${kind}.csv`, begun.bytes[kind]]
    return fetchResults(context, org, { what, path, file, offset, records })
  }
  const successful = await fetch('successfulResults', 'successful', isComplete ? processed - failures : null)
  const unprocessed = isComplete ? begun.bytes.unprocessed : await fetch('unprocessedrecords', 'unprocessed', null)
  const sorted = failures === 0 ? null : await collectFailed(work, begun, id, isComplete ? failures : null)
  const { counts, bytes } = begun
  return {
    ...begun,
    chunk: begun.chunk + 1,
    job: null,
    bytes: {
      successful,
      unprocessed,
      failed: sorted?.failed.bytes ?? bytes.failed,
      again: sorted?.again.bytes ?? bytes.again,
    },
    counts: {
      jobs: counts.jobs + 1,
      succeeded: counts.succeeded + processed - failures,
      failed: counts.failed + (sorted?.failed.records ?? 0),
      retried: counts.retried + (sorted?.again.records ?? 0),
    },
  }
}

async function collectFailed(work: Work, begun: IngestState, id: string, records: number | null) {
  const { context, org, ingest, files } = work
  const { times = defaultRetries, codes } = ingest.retryFailed ?? {}
  const [what, path] = [`the failed rows of the ingest job ${id}`, `/jobs/ingest/${id}/failedResults`]
  const from = `${files.directory}/failed-of-job.csv`
  await fetchResults(context, org, { what, path, file: from, offset: 0, records })
  const isWanted = codes ? (error: string) => codes.some((code) => error.startsWith(code)) : isLocked
  const { failed, again } = begun.bytes
  const sorted = await sortFailed({
    from,
    delimiter: delimiterOf[ingest.columnDelimiter ?? 'COMMA'],
    isWorthIt: (error) => begun.round < times && isWanted(error),
    failed: { file: `${files.directory}/failed.csv`, bytes: failed },
    again: { file: `${files.directory}/again-${begun.round + 1}.csv`, bytes: again },
  })
  // A header alone is nothing to try again.
  return sorted.again.records === 0 ? { ...sorted, again: { ...sorted.again, bytes: again } } : sorted
}

function progressOf(job: BulkJob | null, { round, chunk }: IngestState, { chunks, records }: Split) {
  const before = chunks.slice(0, chunk).reduce((sum, one) => sum + one.records, 0)
  const done = before + (job?.numberRecordsProcessed ?? 0)
  const which = `job ${chunk + 1} of ${chunks.length}${round > 0 ? `, retry ${round}` : ''}`
  const message = job ? `${which}: ${job.state}` : which
  const phase = job ? 'processing' : 'uploading'
  return { phase, percent: Math.floor((100 * done) / records), done, total: records, unit: 'records', message }
}
