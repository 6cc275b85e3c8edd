import { AuditListQuery, AuditPageOfEntries, type ContractAuditEntry } from '../../contract/audit.ts'
import { toMoment } from '../../contract/present.ts'
import { defaultPageItems } from '../../contract/query.ts'
import type { AuditEntry } from '../../journal/audit.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { toPage } from '../page.ts'
import { refusals } from './shapes.ts'

/** For admins alone: whoever registers this sees to it. */
export function auditRoute(app: App, { journal }: ServerDeps): void {
  app.get(
    '/audit',
    {
      schema: {
        summary: 'Read the audit log, newest first',
        querystring: AuditListQuery,
        response: { 200: AuditPageOfEntries, ...refusals },
      },
    },
    async ({ query: { tenant, limit = defaultPageItems, cursor } }) => {
      const page = { limit, ...(tenant !== undefined && { tenant }), ...(cursor !== undefined && { before: cursor }) }
      const { entries, more } = await journal.audit.page(page)
      return toPage(entries, more, ({ id }) => id, toContractEntry)
    },
  )
}

function toContractEntry(entry: AuditEntry): ContractAuditEntry {
  return { ...entry, at: toMoment(entry.at) }
}
