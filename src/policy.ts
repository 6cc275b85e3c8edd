/** The scheduler's policy, as the settings say it. */
import type { Config } from './config/schema.ts'
import { forEachPool } from './contract/quota.ts'
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
    tenant: defaultsOf(tenant),
    preemption,
  }
}

function kindOf({ running = null, windows = [] }: Config['byKind'][string]): KindPolicy {
  return { running: orNone(running), windows }
}

function defaultsOf(tenant: Config['tenant']): TenantPolicy {
  const { weight, running, poolRunning, memoryMiB, processSecondsPerDay, timeZone } = tenant
  return {
    weight,
    running: orNone(running),
    poolRunning: forEachPool((pool) => orNone(poolRunning[pool])),
    memoryMiB: orNone(memoryMiB),
    processSecondsPerDay: orNone(processSecondsPerDay),
    timeZone,
  }
}

function orNone(limit: number | null): number {
  return limit ?? noLimit
}
