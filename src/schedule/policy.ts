/** How much may run, of what, and when: one value, read from the settings, and replaced as a whole. */
import type { Pool } from '../task/task.ts'
import type { Hours } from './hours.ts'

export interface PoolPolicy {
  /** Slots that nothing else uses: of the critical pool in addition to the shared ones, of the others among them. */
  readonly min: number
  /** Tasks of it that run at once. */
  readonly max: number
  /** The part of the shared slots that it may take, 0 to 1; inside its windows it may take all. */
  readonly share: number
  readonly windows: readonly Hours[]
}

export interface KindPolicy {
  /** Tasks of it that run at once, of all tenants. */
  readonly running: number
  /** Outside of them nothing of it starts. */
  readonly windows: readonly Hours[]
}

export interface TenantPolicy {
  /** Its part of the time of processes, against those of others that want some. */
  readonly weight: number
  readonly running: number
  readonly poolRunning: Readonly<Record<Pool, number>>
  /** What its running tasks may use together, by their limits. */
  readonly memoryMiB: number
  /** Of a day, UTC. */
  readonly processSecondsPerDay: number
  /** IANA name, for windows that name none. */
  readonly timeZone: string
}

export interface PreemptionPolicy {
  /** So long an attempt is left alone. */
  readonly exemptSeconds: number
  /** So often a task can be preempted; then it is immune, but for the end of a window. */
  readonly most: number
}

export interface Policy {
  /** Slots that all pools use, at the most: the machine's load decides how many of them. */
  readonly sharedSlots: number
  /** What running tasks may use together, by their limits. */
  readonly memoryMiB: number
  readonly pools: Readonly<Record<Pool, PoolPolicy>>
  readonly kinds: ReadonlyMap<string, KindPolicy>
  /** Of every tenant that has none of its own. */
  readonly tenant: TenantPolicy
  readonly preemption: PreemptionPolicy
}

export const noLimit = Number.POSITIVE_INFINITY

const anyKind: KindPolicy = { running: noLimit, windows: [] }

export function kindPolicy(policy: Policy, kind: string): KindPolicy {
  return policy.kinds.get(kind) ?? anyKind
}
