import type { TenantQuotas } from '../journal/tenants.ts'
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'
import type { Pool } from '../task/task.ts'
import { type Bounds, boundsOf, type Maxima } from './bounds.ts'
import { Bucket } from './bucket.ts'

/** What holds for tenants whose quotas leave it open. Null: no limit. */
export interface DefaultQuotas {
  readonly queued: number
  readonly poolQueued: Readonly<Record<Pool, number | null>>
  readonly submitsPerMinute: number
  readonly memoryMiB: number | null
  readonly runSeconds: number | null
}

export interface AdmissionTerms {
  readonly tenant: DefaultQuotas
  /** Of this node, for all tasks that run; null when nobody counts. */
  readonly memoryMiB: number | null
  readonly criticalRunSeconds: number
  /** The most that any task may ask for. */
  readonly maxLimits: Maxima
}

export interface AdmissionDeps {
  readonly tenants: { quotasOf(name: string): TenantQuotas | undefined }
  readonly terms: AdmissionTerms
  readonly clock: Pick<Clock, 'monotonic'>
}

/** Tasks of a tenant that wait: in all, and in the pool of the one that comes. */
export interface QueuedTasks {
  readonly all: number
  readonly pool: number
}

const queueRetrySeconds = 5

/** Lets in what a tenant's quotas allow. Whatever way a submission comes, it comes by here. */
export class Admission {
  readonly #deps: AdmissionDeps
  readonly #buckets = new Map<string, Bucket>()
  /** Let in, and not on disk yet, of each tenant. */
  readonly #underWay = new Map<string, Record<Pool, number>>()
  #terms: AdmissionTerms

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
    this.#terms = deps.terms
  }

  /** Others hold from now on, for what comes. */
  adopt(terms: AdmissionTerms): void {
    this.#terms = terms
  }

  /** What one task of a tenant in a pool may ask for. */
  boundsOf(tenant: string, pool: Pool): Bounds {
    return boundsOf(this.#quotasOf(tenant), pool, this.#terms)
  }

  /**
   * Refuses one more task of a tenant that has so many queued, or counts it as under way until the function returned is
   * called. What it lets in must be written in the same turn, so that a tenant's removal comes before or after.
   */
  admit(tenant: string, pool: Pool, queued: QueuedTasks): () => void {
    const quotas = this.#quotasOf(tenant)
    const defaults = this.#terms.tenant
    const underWay = this.#underWay.get(tenant) ?? { critical: 0, normal: 0, batch: 0 }
    refuseBeyond(quotas.queued ?? defaults.queued, queued.all + sumOf(underWay), 'tasks of this tenant')
    const most = quotas.poolQueued[pool] ?? defaults.poolQueued[pool]
    if (most !== null) refuseBeyond(most, queued.pool + underWay[pool], `${pool} tasks of this tenant`)
    this.#takeFrom(tenant, quotas.submitsPerMinute ?? defaults.submitsPerMinute)
    this.#underWay.set(tenant, underWay)
    underWay[pool] += 1
    return () => this.#landed(tenant, pool)
  }

  forgetTenant(tenant: string): void {
    this.#buckets.delete(tenant)
  }

  #quotasOf(tenant: string): TenantQuotas {
    const quotas = this.#deps.tenants.quotasOf(tenant)
    if (quotas) return quotas
    throw new Refusal('CONFLICT', 'this tenant is being deleted: it takes no tasks')
  }

  #takeFrom(tenant: string, perMinute: number): void {
    const now = this.#deps.clock.monotonic()
    const bucket = this.#buckets.get(tenant) ?? new Bucket(perMinute, now)
    this.#buckets.set(tenant, bucket)
    const waitSeconds = bucket.take(perMinute, now)
    if (waitSeconds === 0) return
    const message = `this tenant may submit ${perMinute} tasks a minute: try again in ${waitSeconds} s`
    throw new Refusal('RATE_LIMITED', message, { retryAfterSeconds: waitSeconds })
  }

  #landed(tenant: string, pool: Pool): void {
    const underWay = this.#underWay.get(tenant)
    if (!underWay) return
    underWay[pool] -= 1
    if (sumOf(underWay) === 0) this.#underWay.delete(tenant)
  }
}

function sumOf({ critical, normal, batch }: Readonly<Record<Pool, number>>): number {
  return critical + normal + batch
}

function refuseBeyond(limit: number, queued: number, whose: string): void {
  if (queued < limit) return
  const message = `${queued} ${whose} wait already, of at most ${limit}: try again when some have started`
  throw new Refusal('QUEUE_FULL', message, { retryAfterSeconds: queueRetrySeconds })
}
