import type { TenantQuotas } from '../journal/tenants.ts'
import { LIMIT_NAMES, type LimitName } from '../task/limits.ts'
import type { Pool } from '../task/task.ts'

/** The most that a task may ask for, and who says so. */
export interface Bound {
  readonly most: number
  readonly whose: string
}

export interface Bounds {
  readonly runSeconds: Bound
  readonly memoryMiB: Bound
  /** What any task may ask for; null: no bound. */
  readonly maxima: Maxima
}

export type Maxima = Readonly<Record<LimitName, number | null>>

export const noMaxima = Object.fromEntries(LIMIT_NAMES.map((name) => [name, null])) as Maxima

interface Terms {
  readonly tenant: { readonly memoryMiB: number | null; readonly runSeconds: number | null }
  readonly memoryMiB: number | null
  readonly criticalRunSeconds: number
  readonly maxLimits: Maxima
}

/** What a task of this tenant in this pool may ask for; more could never start, or is not to take a slot for so long. */
export function boundsOf(
  { runSeconds, memoryMiB }: Pick<TenantQuotas, 'runSeconds' | 'memoryMiB'>,
  pool: Pool,
  { tenant, memoryMiB: nodeMiB, criticalRunSeconds, maxLimits }: Terms,
): Bounds {
  return {
    runSeconds: least(
      bound(runSeconds ?? tenant.runSeconds, 'this tenant'),
      bound(pool === 'critical' ? criticalRunSeconds : null, 'the critical pool'),
    ),
    memoryMiB: least(bound(memoryMiB ?? tenant.memoryMiB, 'this tenant'), bound(nodeMiB, 'this server')),
    maxima: maxLimits,
  }
}

function bound(most: number | null, whose: string): Bound {
  return { most: most ?? Number.POSITIVE_INFINITY, whose }
}

function least(one: Bound, other: Bound): Bound {
  return other.most < one.most ? other : one
}
