/** Bulk API 2.0 jobs, as REST has them. */
import { SalesforceError } from '../errors.ts'
import type { Org, OrgRequest } from '../org.ts'

export type BulkKind = 'query' | 'ingest'

export interface BulkJob {
  readonly id: string
  readonly state: 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'
  readonly numberRecordsProcessed?: number
  readonly numberRecordsFailed?: number
  readonly errorMessage?: string
}

export const delimiterOf = { COMMA: ',', SEMICOLON: ';', TAB: '\t', PIPE: '|', CARET: '^', BACKQUOTE: '`' } as const

export type ColumnDelimiter = keyof typeof delimiterOf

export function createJob(
  org: Org,
  kind: BulkKind,
  json: object,
  options: Pick<OrgRequest, 'submission'> = {},
): Promise<BulkJob> {
  return org.request<BulkJob>(`/jobs/${kind}`, { method: 'POST', json, ...options })
}

export function readJob(org: Org, kind: BulkKind, id: string): Promise<BulkJob> {
  return org.request<BulkJob>(`/jobs/${kind}/${id}`)
}

interface OpenJob {
  readonly id: string
  readonly state: BulkJob['state']
  readonly object: string
  readonly operation: string
  readonly createdById: string
  readonly createdDate: string
}

interface JobPage {
  readonly done: boolean
  readonly records: readonly OpenJob[]
  readonly nextRecordsUrl?: string | null
}

/** So many pages of jobs are looked through, newest first as far as Salesforce gives them so. */
const maxJobPages = 5

interface Sought {
  readonly kind: BulkKind
  readonly object: string
  readonly operation: string
  readonly from: Date
}

/** Those of the session's own user, made from then on, that have not been closed yet; of queries those that are not over. */
export async function openJobs(org: Org, { kind, object, operation, from }: Sought): Promise<OpenJob[]> {
  const found: OpenJob[] = []
  let path: string | null | undefined = `/jobs/${kind}?jobType=${kind === 'ingest' ? 'V2Ingest' : 'V2Query'}`
  for (let pages = 0; path && pages < maxJobPages; pages++) {
    const page: JobPage = await org.request<JobPage>(path)
    found.push(...page.records)
    path = page.done ? null : page.nextRecordsUrl
  }
  return found.filter(
    (job) =>
      (kind === 'ingest' ? job.state === 'Open' : !isOver(job)) &&
      job.object.toLowerCase() === object.toLowerCase() &&
      job.operation === operation &&
      job.createdById === org.userId &&
      Date.parse(job.createdDate) >= from.getTime(),
  )
}

/** Made again when no answer came. Salesforce refuses the second time what it did the first: then its state tells. */
export async function setState(
  org: Org,
  kind: BulkKind,
  id: string,
  state: 'UploadComplete' | 'Aborted',
): Promise<BulkJob> {
  try {
    return await org.request<BulkJob>(`/jobs/${kind}/${id}`, { method: 'PATCH', json: { state }, repeatable: true })
  } catch (error) {
    if (!(error instanceof SalesforceError && error.salesforceCode?.startsWith('INVALIDJOB'))) throw error
    const job = await readJob(org, kind, id)
    if (job.state === 'Open') throw error
    return job
  }
}

/** Stops it if it runs; one that is over, or that the org does not know any more, needs nothing. */
export async function abortJob(org: Org, kind: BulkKind, id: string): Promise<BulkJob['state'] | 'unknown'> {
  try {
    const { state } = await readJob(org, kind, id)
    return isOver({ state }) ? state : (await setState(org, kind, id, 'Aborted')).state
  } catch (error) {
    if (error instanceof SalesforceError && error.status === 404) return 'unknown'
    throw error
  }
}

export function isOver({ state }: Pick<BulkJob, 'state'>): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted'
}

/** Throws unless it has done what it was for. */
export function requireComplete({ state, id, errorMessage }: BulkJob, org: Org, step: string): void {
  if (state === 'JobComplete') return
  if (state === 'Aborted') {
    const facts = { code: 'ABORTED', message: `somebody stopped the job ${id} in the org` }
    throw new SalesforceError(facts, { org: org.alias, step }, { advice: 'Submit this task again if nobody meant to' })
  }
  const [, code, said] = /^(?:(InvalidBatch|[A-Z][A-Z_]+) ?: ?)?([\s\S]*)$/.exec(errorMessage ?? '') ?? []
  const message = said || `the job ${id} failed and the org does not say why`
  throw new SalesforceError({ message, ...(code !== undefined && { code }) }, { org: org.alias, step })
}
