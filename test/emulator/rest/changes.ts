import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import { data, type Route } from '../route.ts'
import { momentOf } from '../soql/dates.ts'
import { salesforceTime } from '../time.ts'
import { objectInPath } from './api.ts'

const thirtyDaysMs = 30 * 86_400_000

/** What changed and what went between two times. */
export const changeRoutes: readonly Route[] = [
  { method: 'GET', path: `${data}/sobjects/:object/updated`, handle: updated },
  { method: 'GET', path: `${data}/sobjects/:object/deleted`, handle: deleted },
]

function updated(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const { fromMs, toMs } = spanOf(org, request)
  const rows = org.rows.all(objectInPath(org, request).name)
  const ids = rows.filter(({ SystemModstamp }) => isWithin(momentOf(SystemModstamp), fromMs, toMs)).map(({ Id }) => Id)
  return json({ ids, latestDateCovered: salesforceTime(toMs) })
}

function deleted(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const { fromMs, toMs } = spanOf(org, request)
  const gone = org.rows.deletions(objectInPath(org, request).name).filter(({ atMs }) => isWithin(atMs, fromMs, toMs))
  return json({
    deletedRecords: gone.map(({ id, atMs }) => ({ id, deletedDate: salesforceTime(atMs) })),
    earliestDateAvailable: salesforceTime(org.now() - thirtyDaysMs),
    latestDateCovered: salesforceTime(toMs),
  })
}

function spanOf(org: EmulatedOrg, { query }: EmulatedRequest): { readonly fromMs: number; readonly toMs: number } {
  const [fromMs, toMs] = [query.get('start'), query.get('end')].map((text) => momentOf(text?.replace(' ', '+')))
  if (fromMs === null || fromMs === undefined || toMs === null || toMs === undefined) {
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'start and end must be times')
  }
  if (fromMs < org.now() - thirtyDaysMs) {
    throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'startDate cannot be more than 30 days ago')
  }
  if (toMs <= fromMs) throw new ApiError(400, 'INVALID_REPLICATION_DATE', 'startDate must be before endDate')
  return { fromMs, toMs: Math.min(toMs, org.now()) }
}

function isWithin(ms: number | null, fromMs: number, toMs: number): boolean {
  return ms !== null && ms >= fromMs && ms <= toMs
}
