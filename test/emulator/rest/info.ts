import { type Answer, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import { data, type Route } from '../route.ts'
import { versions } from '../versions.ts'

/** What an org says of itself. */
export const infoRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/instances/:instance/status', open: true, handle: trust },
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

/** What Salesforce tells everybody of an instance, elsewhere. */
function trust(org: EmulatedOrg, { params: { instance = '' } }: EmulatedRequest): Answer {
  const [own] = org.rows.all('Organization')
  if (own?.InstanceName !== instance) return json({ message: `Unable to find instance ${instance}` }, 404)
  const Maintenances = org.maintenances.map(({ name, from, to }, index) => ({
    id: index + 1,
    name,
    plannedStartTime: new Date(from).toISOString(),
    plannedEndTime: new Date(to).toISOString(),
    message: { maintenanceType: 'scheduledMaintenance', availability: 'unavailable', eventStatus: 'confirmed' },
  }))
  return json({ key: instance, status: 'OK', isActive: true, Incidents: [], Maintenances })
}

function limitsOf(org: EmulatedOrg): Record<string, { readonly Max: number; readonly Remaining: number }> {
  return {
    DailyApiRequests: { Max: org.api.max, Remaining: Math.max(0, org.api.max - org.api.used) },
    ...org.limits,
  }
}
