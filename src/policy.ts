/** The scheduler's policy, as the settings say it. */
import type { Config } from './config/schema.ts'
import { forEachPool } from './contract/quota.ts'
import { noQuotas, type TenantQuotas } from './journal/tenants.ts'
import { type KindPolicy, noLimit, type Policy, type TenantPolicy } from './schedule/policy.ts'

export function policyOf({ criticalSlots, sharedSlots, memoryMiB, pools, byKind, tenant, preemption }: Config): Policy {
  const minOf = { critical: criticalSlots, normal: pools.normal.min, batch: pools.batch.min }
  return {
    sharedSlots,
    memoryMiB: orNone(memoryMiB),
    pools: forEachPool((pool) => {
      const { max, share, windows } = pools[pool]
      return { min: minOf[pool], max: orNone(max), share, windows }
    }),
    kinds: new Map(Object.entries(byKind).map(([kind, terms]) => [kind, kindOf(terms)])),
    tenant: tenantPolicyOf(tenant, noQuotas),
    preemption,
  }
}

function kindOf({ running = null, windows = [] }: Config['byKind'][string]): KindPolicy {
  return { running: orNone(running), windows }
}

/** What a tenant may: its own quotas, where it has some. */
export function tenantPolicyOf(defaults: Config['tenant'], quotas: TenantQuotas): TenantPolicy {
  return {
    weight: quotas.weight ?? defaults.weight,
    running: orNone(quotas.running ?? defaults.running),
    poolRunning: forEachPool((pool) => orNone(quotas.poolRunning[pool] ?? defaults.poolRunning[pool])),
    memoryMiB: orNone(quotas.memoryMiB ?? defaults.memoryMiB),
    processSecondsPerDay: orNone(quotas.processSecondsPerDay ?? defaults.processSecondsPerDay),
    timeZone: quotas.timeZone ?? defaults.timeZone,
  }
}

function orNone(limit: number | null): number {
  return limit ?? noLimit
}
