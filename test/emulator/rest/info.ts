import { json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import { data, type Route } from '../route.ts'
import { versions } from '../versions.ts'

/** What an org says of itself. */
export const infoRoutes: readonly Route[] = [
  { method: 'GET', path: '/services/data', open: true, handle: () => json(versions) },
  { method: 'GET', path: `${data}/limits`, handle: (org) => json(limitsOf(org)) },
  {
    method: 'GET',
    path: `${data}/limits/recordCount`,
    handle: (org, { query }) => {
      const wanted = query.get('sObjects')?.split(',') ?? org.rows.names()
      const known = wanted.filter((name) => org.rows.definition(name))
      return json({ sObjects: known.map((name) => ({ name, count: org.rows.count(name) })) })
    },
  },
]

function limitsOf(org: EmulatedOrg): Record<string, { readonly Max: number; readonly Remaining: number }> {
  return {
    DailyApiRequests: { Max: org.api.max, Remaining: Math.max(0, org.api.max - org.api.used) },
    ...org.limits,
  }
}
