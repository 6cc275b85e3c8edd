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
import { throwIfStopped } from '../transport.ts'
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
import { countRecords, PageRows } from './page-rows.ts'

export interface BulkQuery {
  readonly soql: string
  readonly operation?: 'query' | 'queryAll'
  readonly columnDelimiter?: ColumnDelimiter
  /** Records of a page; 50,000 when left out. */
  readonly pageRecords?: number
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

const defaultPageRecords = 50_000
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

/** Once more when it was stopped: it may have been taken for one of another task, whose making got no answer. */
async function untilComplete(context: BulkContext, org: Org, query: BulkQuery, memo: BulkQueryMemo) {
  const run = () => runRemoteJob(context, org, jobOf(org, query), jobMemo(org, memo))
  const first = await run()
  if (first.status.state !== 'Aborted') return first
  context.log.warn(`org ${org.alias}: somebody stopped the bulk query ${first.id} in the org. It is made once more.`)
  await memo.write({ ...nothing, apiVersion: org.apiVersion })
  return run()
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
    submit: async () => (await createJob(org, 'query', body)).id,
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
  const { progress, signal } = context
  const saveEveryMs = (query.saveSeconds ?? defaultSaveSeconds) * 1_000
  let state = stateOf(query, { ...nothing, apiVersion: org.apiVersion, ...memo.read() })
  for (let savedAt = Date.now(); !state.isDone; ) {
    throwIfStopped(signal)
    progress(progressOf(state, total))
    org.step = `fetching the rows of the bulk query ${id}, from row ${state.records + 1} on`
    state = await fetchWholePage(context, org, query, { id, state })
    if (Date.now() - savedAt < saveEveryMs) continue
    await memo.write(state)
    savedAt = Date.now()
  }
  progress(progressOf(state, total))
  return state
}

/** From the first page on where the file has gone, as it does when it is an artifact already. */
function stateOf({ file }: BulkQuery, saved: BulkQueryState): BulkQueryState {
  const { size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {}
  return size < saved.bytes ? { ...saved, locator: null, bytes: 0, records: 0, pages: 0, isDone: false } : saved
}

interface Next {
  readonly id: string
  readonly state: BulkQueryState
}

const maxFetches = 3

/** Again when it has not as many rows as Salesforce says, or a quote that does not close: its end is missing, or worse. */
async function fetchWholePage(context: BulkContext, org: Org, query: BulkQuery, next: Next): Promise<BulkQueryState> {
  for (let fetches = 1; ; fetches++) {
    const { state, came, said } = await fetchPage(org, query, next)
    if (came === said) return state
    const what = came === null ? 'ends within quotes' : `has ${came} rows`
    const message = `org ${org.alias}, while ${org.step}: the page ${what} and should have ${said}`
    if (fetches === maxFetches)
      throw new RetryableError(
        `${message}, ${maxFetches} times. Try a smaller pageRecords; where that does not help, the org's results are damaged: submit the query again`,
        { code: 'SERVER_TRANSIENT' },
      )
    context.log.warn(`${message}: it is fetched again`)
  }
}

async function fetchPage(org: Org, query: BulkQuery, { id, state }: Next) {
  const { file, pageRecords = defaultPageRecords } = query
  const { locator, bytes: offset, records, pages } = state
  let rows = new PageRows({ keepsHeader: offset === 0 })
  const parameters = new URLSearchParams({ maxRecords: String(pageRecords), ...(locator !== null && { locator }) })
  const { headers, bytes } = await org.download(`/jobs/query/${id}/results?${parameters}`, file, {
    offset,
    headers: { accept: 'text/csv' },
    through: () => {
      rows = new PageRows({ keepsHeader: offset === 0 })
      return (source) => rows.of(source)
    },
  })
  const next = headers.get('sforce-locator')
  const isDone = next === null || next === 'null' || next === ''
  if (!isDone && next === locator)
    throw new FatalError(`org ${org.alias}, while ${org.step}: the next page of rows is the same again (${next})`)
  const said = Number(headers.get('sforce-numberofrecords') ?? rows.lines)
  const came = rows.lines === said ? said : await recordsOf(file, offset)
  const after = { ...state, locator: isDone ? null : next, bytes, records: records + said, pages: pages + 1, isDone }
  return { state: after, came, said }
}

/** Where lines are not records, because values have several or because the page is damaged. */
async function recordsOf(file: string, offset: number): Promise<number | null> {
  const records = await countRecords(file, offset)
  return records === null || offset > 0 ? records : Math.max(0, records - 1)
}

function progressOf({ records: done }: BulkQueryState, total: number) {
  const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : null
  return { phase: 'fetching', percent, done, ...(total > 0 && { total }), unit: 'records' }
}
