import type { Credential } from '../../access/credential.ts'
import { PoolList, Stats } from '../../contract/stats.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'
import { refusals } from './shapes.ts'

export function statsRoutes(app: App, { stats }: ServerDeps): void {
  app.get(
    '/pools',
    { schema: { summary: 'Show what the pools have to do', response: { 200: PoolList, ...refusals } } },
    async ({ caller }) => {
      const { pools, scaling } = stats(scopeOf(caller))
      return { pools, scaling }
    },
  )

  app.get(
    '/stats',
    { schema: { summary: 'Show what pools and tenants have to do', response: { 200: Stats, ...refusals } } },
    async ({ caller }) => stats(scopeOf(caller)),
  )
}

/** The tenant whose tasks are seen; an admin sees all. */
function scopeOf({ role, tenant }: Credential): string | undefined {
  return role === 'admin' ? undefined : tenant
}
