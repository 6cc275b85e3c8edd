import type { TenantQuotas } from '../journal/tenants.ts'
import type { Clock } from '../system/clock.ts'
import { Refusal } from '../task/errors.ts'
import { Bucket } from './bucket.ts'

/** What holds for tenants whose quotas leave it open. */
export interface DefaultQuotas {
  readonly queued: number
  readonly submitsPerMinute: number
}

export interface AdmissionDeps {
  readonly tenants: { quotasOf(name: string): TenantQuotas | undefined }
  readonly defaults: DefaultQuotas
  readonly clock: Pick<Clock, 'monotonic'>
}

const queueRetrySeconds = 5

/** Lets in what a tenant's quotas allow. Whatever way a submission comes, it comes by here. */
export class Admission {
  readonly #deps: AdmissionDeps
  readonly #buckets = new Map<string, Bucket>()
  /** Let in, and not on disk yet. */
  readonly #underWay = new Map<string, number>()

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  /**
   * Refuses one more task of a tenant that has so many queued, or counts it as under way until the function returned is
   * called. What it lets in must be written in the same turn, so that a tenant's removal comes before or after.
   */
  admit(tenant: string, queued: number): () => void {
    const quotas = this.#deps.tenants.quotasOf(tenant)
    if (!quotas) throw new Refusal('CONFLICT', 'this tenant is being deleted: it takes no tasks')
    const underWay = this.#underWay.get(tenant) ?? 0
    refuseBeyond(quotas.queued ?? this.#deps.defaults.queued, queued + underWay)
    this.#takeFrom(tenant, quotas.submitsPerMinute ?? this.#deps.defaults.submitsPerMinute)
    this.#underWay.set(tenant, underWay + 1)
    return () => this.#landed(tenant)
  }

  forgetTenant(tenant: string): void {
    this.#buckets.delete(tenant)
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

  #landed(tenant: string): void {
    const left = (this.#underWay.get(tenant) ?? 1) - 1
    if (left === 0) this.#underWay.delete(tenant)
    else this.#underWay.set(tenant, left)
  }
}

function refuseBeyond(limit: number, queued: number): void {
  if (queued < limit) return
  const message = `${queued} tasks of this tenant wait already, of at most ${limit}: try again when some have started`
  throw new Refusal('QUEUE_FULL', message, { retryAfterSeconds: queueRetrySeconds })
}
