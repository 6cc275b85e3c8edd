/** A query into a file, by the Bulk API where it can, by REST where it cannot. */
import type { Json } from '../../../src/task/json.ts'
import type { Context } from '../../context.ts'
import type { OrgInput } from '../input.ts'
import type { Org } from '../org.ts'
import { type BulkQuery, type BulkQueryMemo, type BulkQueryState, bulkQuery, cancelBulkQuery } from './query.ts'
import { needsRest, restQuery } from './rest-query.ts'

export interface Written {
  readonly way: 'bulk' | 'rest'
  readonly jobId: string | null
  readonly records: number
  readonly bytes: number
  readonly pages: number
}

type QueryContext = Context<OrgInput>

export async function queryToFile(context: QueryContext, org: Org, query: BulkQuery): Promise<Written> {
  if (needsRest(query.soql)) return { way: 'rest', jobId: null, ...(await restQuery(context, org, query)) }
  return { way: 'bulk', ...(await bulkQuery(context, org, query, memoOf(context))) }
}

/** For a kind's cleanup. */
export async function stopQuery(
  context: QueryContext,
  org: Org,
  query: Pick<BulkQuery, 'soql' | 'operation'>,
): Promise<void> {
  if (!needsRest(query.soql)) await cancelBulkQuery(context, org, query, memoOf(context))
}

function memoOf({ checkpoint, saveCheckpoint }: QueryContext): BulkQueryMemo {
  let state = checkpoint as unknown as BulkQueryState | null
  return {
    read: () => state,
    async write(next) {
      await saveCheckpoint(next as unknown as Json)
      state = next
    },
  }
}
