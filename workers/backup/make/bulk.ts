/** Rows of a large object as a bulk query, whose state is part of the checkpoint until the rows are sealed. */
import { type BulkQueryMemo, type BulkQueryState, bulkQuery } from '../../salesforce/bulk/query.ts'
import { SalesforceError } from '../../salesforce/errors.ts'
import { rawFileOf } from './begin.ts'
import type { Work } from './work.ts'

export interface Fetched {
  readonly file: string
  readonly records: number
}

export async function fetchByJob(work: Work, object: string, soql: string): Promise<Fetched> {
  const { context, org, report } = work
  const file = rawFileOf(context, object)
  const { signal, log, input } = context
  const progress = ({ done = 0, message = 'fetching' }: { readonly done?: number; readonly message?: string }) =>
    report.under(object, done, `${message}, ${done} rows`)
  const query = { soql, operation: 'queryAll', file } as const
  const { records } = await bulkQuery({ signal, log, input, progress }, org, query, memoOf(work, object))
  return { file, records }
}

export function memoOf({ memory }: Pick<Work, 'memory'>, object: string): BulkQueryMemo {
  return {
    read: () => memory.value.objects[object] ?? null,
    write: (state) => memory.change({ objects: { ...memory.value.objects, [object]: state } }),
  }
}

/** The job has its rows yet; what was fetched of them is thrown away. */
export function withoutRows({ job, apiVersion }: BulkQueryState): BulkQueryState {
  return { job, apiVersion, locator: null, bytes: 0, records: 0, pages: 0, isDone: false }
}

/** What such a job leaves behind in the org counts against its storage for a week. */
export async function forgetJob({ org, context }: Work, { job }: BulkQueryState): Promise<void> {
  if (job?.phase !== 'submitted') return
  try {
    await org.request(`/jobs/query/${job.id}`, { method: 'DELETE', repeatable: true, step: 'removing a finished job' })
  } catch (error) {
    if (!(error instanceof SalesforceError)) throw error
    context.log.debug(`the bulk query ${job.id} could not be deleted, Salesforce does so in a week: ${error.message}`)
  }
}
