import { type Answer, ApiError, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import { data, type Route } from '../route.ts'
import type { RowSet } from '../rows/store.ts'
import { type Plan, planOf } from '../soql/plan.ts'
import { recordOf } from '../soql/records.ts'
import { apiOf, baseOf } from './api.ts'

/** A query that has not been read to its end. */
interface Cursor {
  readonly plan: Plan
  readonly rows: RowSet
  readonly pageRows: number
}

/** Cursors by their id. They are of no use once they have expired. */
export class Cursors {
  readonly #cursors = new Map<string, Cursor>()

  set(id: string, cursor: Cursor): void {
    this.#cursors.set(id, cursor)
  }

  get(id: string): Cursor | undefined {
    return this.#cursors.get(id)
  }

  expireAll(): void {
    this.#cursors.clear()
  }
}

export const queryRoutes: readonly Route[] = [
  { method: 'GET', path: `${data}/query`, handle: (org, request) => query(org, request, false) },
  { method: 'GET', path: `${data}/queryAll`, handle: (org, request) => query(org, request, true) },
  { method: 'GET', path: `${data}/query/:locator`, handle: more },
  { method: 'GET', path: `${data}/queryAll/:locator`, handle: more },
  { method: 'GET', path: `${data}/tooling/query`, handle: (org, request) => query(org, request, false) },
  { method: 'GET', path: `${data}/tooling/query/:locator`, handle: more },
]

function query(org: EmulatedOrg, request: EmulatedRequest, all: boolean): Answer {
  const plan = planOf(org, request.query.get('q') ?? '', apiOf(request))
  const rows = plan.run(all)
  if (plan.isCount) return json({ totalSize: rows.length, done: true, records: [] })
  const cursor = { plan, rows, pageRows: pageRowsOf(org, request) }
  const id = org.makeId('01g')
  org.cursors.set(id, cursor)
  return page(org, request, id, cursor, 0)
}

/** `01g…-2000`: the cursor, and the row at which the page begins. */
function more(org: EmulatedOrg, request: EmulatedRequest): Answer {
  const [, id = '', from = ''] = /^(\w+)-(\d+)$/.exec(request.params.locator ?? '') ?? []
  const cursor = org.cursors.get(id)
  if (!cursor) throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  return page(org, request, id, cursor, Number(from))
}

function page(org: EmulatedOrg, request: EmulatedRequest, id: string, cursor: Cursor, from: number): Answer {
  const { plan, rows, pageRows } = cursor
  const to = Math.min(rows.length, from + pageRows)
  const [base, api] = [baseOf(request), apiOf(request)]
  const records = Array.from({ length: to - from }, (_, index) => recordOf(org, plan, rows.at(from + index), base, api))
  const next = `${base}${api === 'tooling' ? '/tooling' : ''}/query/${id}-${to}`
  const done = to >= rows.length
  return json({ totalSize: rows.length, done, ...(done ? {} : { nextRecordsUrl: next }), records })
}

/** Clients may ask for smaller pages, not for larger ones. */
function pageRowsOf(org: EmulatedOrg, { headers }: EmulatedRequest): number {
  const asked = Number(/batchSize=(\d+)/i.exec(String(headers['sforce-query-options'] ?? ''))?.[1])
  return asked > 0 ? Math.min(org.pageRows, asked) : org.pageRows
}
