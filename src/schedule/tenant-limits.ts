/** What bounds a tenant, each limit written once: the plan asks whether it admits a task, an explanation by how much. */
import { runningIn } from './counts.ts'
import type { TenantPolicy } from './policy.ts'
import type { Tenant } from './tenant.ts'
import type { Waiting } from './waiting.ts'

/** What of a task the limits ask for. */
export type Applicant = Pick<Waiting, 'pool' | 'memoryMiB'>

type Bounded = Pick<Tenant, 'counts' | 'memoryMiB' | 'daySeconds'>

/** The names by which explanations know them. */
export type TenantLimitName = 'tenant-running' | 'tenant-pool-running' | 'tenant-memory' | 'tenant-day'

export interface TenantLimit {
  readonly rule: TenantLimitName
  readonly limit: (policy: TenantPolicy, task: Applicant) => number
  readonly current: (tenant: Bounded, task: Applicant) => number
  readonly admits: (tenant: Tenant, task: Applicant) => boolean
}

type Figures = Omit<TenantLimit, 'admits'>

/** There must be some of it left. */
function some(figures: Figures): TenantLimit {
  const { limit, current } = figures
  return { ...figures, admits: (tenant, task) => current(tenant, task) < limit(tenant.policy, task) }
}

/** There must be as much of it left as the task takes. */
function enough(figures: Figures, taken: (task: Applicant) => number): TenantLimit {
  const { limit, current } = figures
  return { ...figures, admits: (tenant, task) => current(tenant, task) + taken(task) <= limit(tenant.policy, task) }
}

export const tenantLimits: readonly TenantLimit[] = [
  some({ rule: 'tenant-running', limit: ({ running }) => running, current: ({ counts }) => runningIn(counts) }),
  some({
    rule: 'tenant-pool-running',
    limit: ({ poolRunning }, { pool }) => poolRunning[pool],
    current: ({ counts }, { pool }) => counts[pool].running,
  }),
  enough(
    { rule: 'tenant-memory', limit: ({ memoryMiB }) => memoryMiB, current: ({ memoryMiB }) => memoryMiB },
    ({ memoryMiB }) => memoryMiB,
  ),
  some({
    rule: 'tenant-day',
    limit: ({ processSecondsPerDay }) => processSecondsPerDay,
    current: ({ daySeconds }) => daySeconds,
  }),
]
