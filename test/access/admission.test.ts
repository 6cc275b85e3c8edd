import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/access/admission.ts'
import { Bucket } from '../../src/access/bucket.ts'
import type { TenantQuotas } from '../../src/journal/tenants.ts'

const none: TenantQuotas = { running: null, queued: null, submitsPerMinute: null }

function admission(quotas: Partial<TenantQuotas> = {}) {
  let now = 0
  const own: Record<string, TenantQuotas> = { acme: { ...none, ...quotas }, other: none }
  const admission = new Admission({
    tenants: { quotasOf: (name) => own[name] },
    defaults: { queued: 100, submitsPerMinute: 60 },
    clock: { monotonic: () => now },
  })
  return {
    admit: (tenant: string, queued = 0) => admission.admit(tenant, queued),
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
