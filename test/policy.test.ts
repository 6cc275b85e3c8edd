import { describe, expect, it } from 'vitest'
import { defaults } from '../src/config/defaults.ts'
import { noQuotas } from '../src/journal/tenants.ts'
import { policyOf, tenantPolicyOf } from '../src/policy.ts'
import { openPolicy } from './fixtures/open-policy.ts'

const plain = defaults({ cores: 4, memoryMiB: 8192 })

describe('what a tenant may', () => {
  it('is its own, else the installation’s', () => {
    const defaults = { ...plain.tenant, weight: 3, memoryMiB: 1024, poolRunning: { critical: 1, normal: 2, batch: 3 } }
    expect(tenantPolicyOf(defaults, noQuotas)).toMatchObject({ weight: 3, memoryMiB: 1024, timeZone: 'UTC' })
    const own = { ...noQuotas, running: 0, poolRunning: { critical: null, normal: 0, batch: null } }
    expect(tenantPolicyOf(defaults, { ...own, timeZone: 'Asia/Tokyo' })).toMatchObject({
      weight: 3,
      running: 0,
      poolRunning: { critical: 1, normal: 0, batch: 3 },
      processSecondsPerDay: Number.POSITIVE_INFINITY,
      timeZone: 'Asia/Tokyo',
    })
  })
})

describe('the policy', () => {
  it('of the defaults bounds nothing but slots and memory', () => {
    expect(policyOf(plain)).toEqual({ ...openPolicy(4), memoryMiB: 8192 - 512 })
  })

  it('says what the settings say', () => {
    const windows = [{ from: '22:00', to: '06:00' }]
    const policy = policyOf({
      ...plain,
      criticalSlots: 2,
      memoryMiB: null,
      pools: { ...plain.pools, batch: { min: 1, max: 3, share: 0.5, windows } },
      byKind: { lint: { running: 2 }, exec: { windows } },
      tenant: { ...plain.tenant, weight: 2, poolRunning: { critical: null, normal: 0, batch: 1 } },
    })
    expect(policy.memoryMiB).toBe(Number.POSITIVE_INFINITY)
    expect(policy.pools).toMatchObject({ critical: { min: 2 }, batch: { min: 1, max: 3, share: 0.5, windows } })
    expect(policy.kinds.get('lint')).toEqual({ running: 2, windows: [] })
    expect(policy.kinds.get('exec')).toEqual({ running: Number.POSITIVE_INFINITY, windows })
    expect(policy.tenant).toMatchObject({ weight: 2, poolRunning: { normal: 0, batch: 1 } })
  })
})
