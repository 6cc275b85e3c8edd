import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission, type AdmissionTerms } from '../../src/access/admission.ts'
import { boundsOf, noMaxima } from '../../src/access/bounds.ts'
import { Bucket } from '../../src/access/bucket.ts'
import { noQuotas, type TenantQuotas } from '../../src/journal/tenants.ts'
import type { Pool } from '../../src/task/task.ts'

const perPool = { critical: null, normal: null, batch: 50 }
const terms: AdmissionTerms = {
  tenant: { queued: 100, poolQueued: perPool, submitsPerMinute: 60, memoryMiB: null, runSeconds: null },
  memoryMiB: null,
  criticalRunSeconds: 600,
  maxLimits: noMaxima,
}

function admission(quotas: Partial<TenantQuotas> = {}) {
  let now = 0
  const own: Record<string, TenantQuotas> = { acme: { ...noQuotas, ...quotas }, other: noQuotas }
  const admission = new Admission({
    tenants: { quotasOf: (name) => own[name] },
    terms,
    clock: { monotonic: () => now },
  })
  return {
    adopt: (others: AdmissionTerms) => admission.adopt(others),
    admit: (tenant: string, queued = 0, pool: Pool = 'normal', ofPool = 0) =>
      admission.admit(tenant, pool, { all: queued, pool: ofPool }),
    pass(ms: number) {
      now += ms
    },
  }
}

describe('the admission', () => {
  it('counts what is under way as waiting, until it has landed', () => {
    const { admit } = admission({ queued: 2 })
    const landed = admit('acme', 1)
    expect(() => admit('acme', 1)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL', retryAfterSeconds: 5 }))
    landed()
    admit('acme', 1)
    expect(() => admit('acme', 2)).toThrow('3 tasks of this tenant wait already, of at most 2')
  })

  it('takes the installation’s limits where a tenant has none of its own', () => {
    const { admit } = admission()
    expect(() => admit('other', 100)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    for (let left = 60; left > 0; left--) admit('other')
    expect(() => admit('other')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 1 }))
    admit('acme')
  })

  it('bounds what waits in a pool, too, and counts there what is under way', () => {
    const { admit } = admission({ poolQueued: { ...perPool, batch: null, normal: 2 } })
    const landed = admit('acme', 1, 'normal', 1)
    const sentence = '2 normal tasks of this tenant wait already, of at most 2: try again when some have started'
    expect(() => admit('acme', 1, 'normal', 1)).toThrow(sentence)
    admit('acme', 90, 'critical', 90)
    expect(() => admit('acme', 60, 'batch', 50)).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', retryAfterSeconds: 5 }),
    )
    landed()
    admit('acme', 1, 'normal', 1)
  })

  it('goes by other terms as soon as there are some', () => {
    const { admit, adopt } = admission()
    adopt({ ...terms, tenant: { ...terms.tenant, queued: 1 } })
    expect(() => admit('other', 1)).toThrow('1 tasks of this tenant wait already, of at most 1')
  })

  it('lets one more in when it said that it would', () => {
    const { admit, pass } = admission({ submitsPerMinute: 2 })
    admit('acme')
    admit('acme')
    expect(() => admit('acme')).toThrow(expect.objectContaining({ retryAfterSeconds: 30 }))
    pass(29_000)
    expect(() => admit('acme')).toThrow(expect.objectContaining({ retryAfterSeconds: 1 }))
    pass(1_000)
    admit('acme')
    expect(() => admit('acme')).toThrow()
  })

  it('lets nothing in of a tenant that may submit nothing, or is being deleted', () => {
    expect(() => admission({ submitsPerMinute: 0 }).admit('acme')).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 3600 }),
    )
    expect(() => admission().admit('gone')).toThrow('it takes no tasks')
  })
})

describe('the bounds of a task', () => {
  const of = (quotas: Partial<TenantQuotas>, pool: Pool, others: Partial<AdmissionTerms> = {}) =>
    boundsOf({ ...noQuotas, ...quotas }, pool, { ...terms, ...others })

  it('are the least of what the tenant, the pool and the server say', () => {
    expect(of({ runSeconds: 60 }, 'critical').runSeconds).toEqual({ most: 60, whose: 'this tenant' })
    expect(of({ runSeconds: 6000 }, 'critical').runSeconds).toEqual({ most: 600, whose: 'the critical pool' })
    expect(of({ runSeconds: 6000 }, 'normal').runSeconds).toEqual({ most: 6000, whose: 'this tenant' })
    expect(of({}, 'batch', { memoryMiB: 2048 }).memoryMiB).toEqual({ most: 2048, whose: 'this server' })
    expect(of({ memoryMiB: 512 }, 'batch', { memoryMiB: 2048 }).memoryMiB.most).toBe(512)
    expect(of({}, 'batch')).toMatchObject({ runSeconds: { most: Infinity }, memoryMiB: { most: Infinity } })
  })

  it('are the installation’s where the tenant has none of its own', () => {
    const tenant = { ...terms.tenant, runSeconds: 30, memoryMiB: 256 }
    expect(of({}, 'normal', { tenant }).runSeconds.most).toBe(30)
    expect(of({ runSeconds: 40 }, 'normal', { tenant }).runSeconds.most).toBe(40)
    expect(of({}, 'normal', { tenant }).memoryMiB.most).toBe(256)
  })
})

describe('a bucket', () => {
  it('never gives more than a burst and what flowed since, and always what it promised', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), steps, (perMinute, pauses) => {
        const bucket = new Bucket(perMinute, 0)
        let [now, taken] = [0, 0]
        for (const pause of pauses) {
          now += pause
          const waitSeconds = bucket.take(perMinute, now)
          if (waitSeconds === 0) taken += 1
          else {
            now += waitSeconds * 1000
            expect(bucket.take(perMinute, now)).toBe(0)
            taken += 1
          }
          expect(taken).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6)
        }
      }),
    )
  })
})
