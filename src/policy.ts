/** The scheduler's policy, as the settings say it. */
import type { Config } from './config.ts'
import { openPolicy, type Policy } from './schedule/policy.ts'

export function policyOf({ criticalSlots, sharedSlots, tenantRunning }: Config): Policy {
  const open = openPolicy(sharedSlots)
  const { critical, normal, batch } = open.pools
  return {
    ...open,
    pools: { critical: { ...critical, min: criticalSlots }, normal, batch },
    tenant: { ...open.tenant, running: tenantRunning },
  }
}
