import { AuditListQuery, AuditPageOfEntries } from '../../contract/audit.ts'
import { defaultPageItems } from '../../contract/query.ts'
import type { AuditPage } from '../../journal/audit.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
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
      return toItems(await journal.audit.page(page))
    },
  )
}

function toItems({ entries, more }: AuditPage): AuditPageOfEntries {
  return {
    items: entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
    nextCursor: more ? (entries.at(-1)?.id ?? null) : null,
  }
}
