/**
 * A bulk query into a file, page by page as the pages come: never in memory. Pages stay the same as long as the job is
 * there, so an attempt that begins in the middle cuts the file where the last saved page ended and asks for the next one.
 */
import { statSync } from 'node:fs'
import type { Context } from '../../context.ts'
import { FatalError, RetryableError } from '../../errors/steering.ts'
import type { Org } from '../org.ts'
import { PACES } from '../poll.ts'
import { cancelRemoteJob, type JobState, type Memo, type RemoteJob, runRemoteJob } from '../remote-job.ts'
import {
  abortJob,
  type BulkJob,
  type ColumnDelimiter,
  createJob,
  isOver,
  openJobs,
  readJob,
  requireComplete,
} from './job.ts'
import { pagesInTurn } from './pages-in-turn.ts'
import { type ListPosition, listsPages, pagesSideBySide } from './result-pages.ts'

export interface BulkQuery {
  readonly soql: string
  readonly operation?: 'query' | 'queryAll'
  readonly columnDelimiter?: ColumnDelimiter
  /** Records of a page; 50,000 when left out. Side by side, as many as the org likes when left out. */
  readonly pageRecords?: number
  /** Pages that are fetched side by side; one after the other when left out. */
  readonly parallelPages?: number
  /** Whether rows come packed; they do when left out. */
  readonly compress?: boolean
  /** Rejects, before anything is fetched, when there are more. */
  readonly maxRows?: number
  /**
   * Fetching that an attempt may do anew when the one before was killed; 5 when left out. Saving makes the file durable,
   * which takes longer than a page.
   */
  readonly saveSeconds?: number
  /** Where the rows go, as CSV with one header. It must survive attempts: a place in the kept directory. */
  readonly file: string
}

/** How far it came: all that another attempt needs, which opens the org in this version of the API. */
export interface BulkQueryState {
  readonly job: JobState | null
  readonly apiVersion: string
  /** Of the next page; null for the first. */
  readonly locator: string | null
  /** Side by side, it is this that says which page is next. */
  readonly list?: ListPosition
  readonly bytes: number
  readonly records: number
  readonly pages: number
  readonly isDone: boolean
}

export interface BulkQueryMemo {
  read(): BulkQueryState | null
  write(state: BulkQueryState): Promise<void>
}

export interface BulkQueryResult {
  readonly jobId: string
  readonly records: number
  readonly bytes: number
  readonly pages: number
}

export type BulkContext = Pick<Context, 'signal' | 'log' | 'progress'> & {
  readonly input: { readonly pollSeconds?: number }
}

/** The rows of a query that is complete. */
export interface WantedRows {
  readonly context: BulkContext
  readonly org: Org
  readonly query: BulkQuery
  readonly id: string
}

const defaultSaveSeconds = 5

export async function bulkQuery(
  context: BulkContext,
  org: Org,
  query: BulkQuery,
  memo: BulkQueryMemo,
): Promise<BulkQueryResult> {
  const { id, status } = await untilComplete(context, org, query, memo)
  requireComplete(status, org, `running the bulk query ${id}`)
  const total = status.numberRecordsProcessed ?? 0
  if (query.maxRows !== undefined && total > query.maxRows) throw tooMany(org, total, query.maxRows)
  const { records, bytes, pages } = await fetchPages(context, org, query, { id, total, memo })
  return { jobId: id, records, bytes, pages }
}

/** Tasks whose making got no answer may have taken it for their own, mostly one each. */
const maxMakings = 4

/** Anew when it was stopped. */
async function untilComplete(context: BulkContext, org: Org, query: BulkQuery, memo: BulkQueryMemo) {
  for (let makings = 1; ; makings++) {
    const run = await runRemoteJob(context, org, jobOf(org, query), jobMemo(org, memo))
    if (run.status.state !== 'Aborted' || makings === maxMakings) return run
    context.log.warn(`org ${org.alias}: somebody stopped the bulk query ${run.id} in the org. It is made anew.`)
    await memo.write({ ...nothing, apiVersion: org.apiVersion })
  }
}

export function tooMany({ alias }: Org, total: number, maxRows: number): FatalError {
  return new FatalError(`org ${alias}: the query gives ${total} rows, more than maxRows (${maxRows}): narrow it`)
}

/** For a kind's cleanup. */
export function cancelBulkQuery(
  context: BulkContext,
  org: Org,
  query: Pick<BulkQuery, 'soql' | 'operation'>,
  memo: Pick<BulkQueryMemo, 'read'>,
) {
  const write = () => Promise.resolve()
  return cancelRemoteJob(context, org, jobOf(org, query), jobMemo(org, { read: () => memo.read(), write }))
}

function jobOf(org: Org, query: Pick<BulkQuery, 'soql' | 'operation' | 'columnDelimiter'>): RemoteJob<BulkJob> {
  const { soql, operation = 'query', columnDelimiter } = query
  const body = { operation, query: soql, ...(columnDelimiter && { columnDelimiter }) }
  return {
    name: 'bulk query',
    pace: PACES.bulk,
    // One too many changes nothing in the org.
    submit: async (_, submission) => (await createJob(org, 'query', body, { submission })).id,
    stopLost: ({ at }) => stopLost(org, soql, operation, at),
    look: (id) => readJob(org, 'query', id),
    isOver,
    stateOf: ({ state }) => state,
    progressOf: ({ state, numberRecordsProcessed: done }) => ({
      phase: 'querying',
      percent: null,
      ...(done !== undefined && { done, unit: 'records' }),
      message: state,
    }),
    cancel: (id) => abortJob(org, 'query', id),
  }
}

/**
 * Queries have no name, and nothing tells which rows one asks for. Where there are several of this user and object since
 * then, others may be those of other tasks, and are left alone; where the one is another task's after all, that task makes
 * itself another.
 */
async function stopLost(org: Org, soql: string, operation: string, at: Date): Promise<string | null> {
  const [, object] = /\bFROM\s+(\w+)/i.exec(soql) ?? []
  if (object === undefined) return null
  // Salesforce says times in whole seconds.
  const from = new Date(at.getTime() - 1_000)
  const [only, ...others] = await openJobs(org, { kind: 'query', object, operation, from })
  if (!only || others.length > 0) return null
  await abortJob(org, 'query', only.id)
  return only.id
}

const nothing = { job: null, locator: null, bytes: 0, records: 0, pages: 0, isDone: false }

function jobMemo({ apiVersion }: Org, memo: BulkQueryMemo): Memo {
  return {
    read: () => memo.read()?.job ?? null,
    write: (job) => memo.write({ ...nothing, ...memo.read(), apiVersion, job }),
  }
}

interface Fetch {
  readonly id: string
  readonly total: number
  readonly memo: BulkQueryMemo
}

async function fetchPages(context: BulkContext, org: Org, query: BulkQuery, { id, total, memo }: Fetch) {
  const { progress } = context
  const saveEveryMs = (query.saveSeconds ?? defaultSaveSeconds) * 1_000
  let state = stateOf(query, { ...nothing, apiVersion: org.apiVersion, ...memo.read() })
  let savedAt = Date.now()
  progress(progressOf(state, total))
  for await (state of pagesFrom({ context, org, query, id }, state)) {
    progress(progressOf(state, total))
    if (Date.now() - savedAt < saveEveryMs) continue
    await memo.write(state)
    savedAt = Date.now()
  }
  if (state.list && state.records < total) throw incomplete(org, id, total, state.records)
  return state
}

/** A list of pages that ends too early would be noticed by nobody else. */
function incomplete({ alias }: Org, id: string, total: number, records: number): RetryableError {
  const message = `org ${alias}: the bulk query ${id} has ${total} rows, and ${records} came: its results are damaged, submit the query again`
  return new RetryableError(message, { code: 'SERVER_TRANSIENT' })
}

/** The state after each page. */
function pagesFrom(wanted: WantedRows, state: BulkQueryState) {
  if (state.isDone) return []
  const isSideBySide = (wanted.query.parallelPages ?? 1) > 1 && listsPages(wanted.org)
  return isSideBySide ? pagesSideBySide(wanted, state) : pagesInTurn(wanted, state)
}

/** From the first page on where the file has gone, as it does when it is an artifact already. */
function stateOf({ file }: BulkQuery, saved: BulkQueryState): BulkQueryState {
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {}
  return size < saved.bytes ? fromTheFirst(saved) : saved
}

function fromTheFirst({ job, apiVersion }: BulkQueryState): BulkQueryState {
  return { job, apiVersion, locator: null, bytes: 0, records: 0, pages: 0, isDone: false }
}

function progressOf({ records: done }: BulkQueryState, total: number) {
  const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : null
  return { phase: 'fetching', percent, done, ...(total > 0 && { total }), unit: 'records' }
}
