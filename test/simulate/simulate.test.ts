import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generate } from '../../src/simulate/generate.ts'
import { onNodes } from '../../src/simulate/nodes.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import type { Figures } from '../../src/simulate/tally.ts'
import type { Arrival } from '../../src/simulate/trace.ts'
import { policyOf } from '../schedule/fixture.ts'

const start = Date.UTC(2030, 0, 1)

/** A normal task of acme that comes after so many seconds and takes ten. */
function arrival(afterSeconds: number, own: Partial<Arrival> = {}): Arrival {
  return {
    at: start + afterSeconds * 1000,
    tenant: 'acme',
    kind: 'lint',
    pool: 'normal',
    seconds: 10,
    priority: 0,
    key: null,
    limit: 1,
    memoryMiB: 0,
    checkpointSeconds: null,
    ttlSeconds: null,
    ...own,
  }
}

const poolOf = ({ pools }: Figures, name: string) => pools.find((pool) => pool.name === name)
const waitsOf = (figures: Figures, pool = 'normal') => [...(poolOf(figures, pool)?.waits ?? [])]

describe('a replay', () => {
  test('lets tasks wait for a slot as long as they would', () => {
    const figures = simulate([arrival(0), arrival(0), arrival(3)], { policy: policyOf({ sharedSlots: 1 }) })
    expect(waitsOf(figures)).toEqual([0, 10, 17])
    expect(figures).toMatchObject({ seconds: 30, unfinished: 0, slots: 2, utilisation: 0.5 })
    expect(poolOf(figures, 'normal')?.waitSeconds).toEqual({ p50: 10, p90: 17, max: 17 })
  })

  test('holds back what shares a key, and nothing else', () => {
    const key = { key: 'org', limit: 1 }
    const figures = simulate([arrival(0, key), arrival(0, key), arrival(0)], { policy: policyOf({ sharedSlots: 4 }) })
    expect(waitsOf(figures)).toEqual([0, 0, 10])
  })

  test('lets expire what waits too long', () => {
    const late = arrival(0, { tenant: 'globex', ttlSeconds: 5 })
    const figures = simulate([arrival(0), late], { policy: policyOf({ sharedSlots: 1 }) })
    expect(figures.tenants.map(({ name, started, expired }) => [name, started, expired])).toEqual([
      ['acme', 1, 0],
      ['globex', 0, 1],
    ])
    expect(figures.seconds).toBe(10)
  })

  test('ends batch for what is more urgent, and resumes it from its checkpoint', () => {
    const policy = policyOf({ sharedSlots: 1, preemption: { exemptSeconds: 0, most: 3 } })
    const batch = arrival(0, { pool: 'batch', seconds: 100, checkpointSeconds: 30 })
    const figures = simulate([batch, arrival(70)], { policy })
    const [graceSeconds = 0] = waitsOf(figures)
    expect(graceSeconds).toBeGreaterThan(0.1)
    expect(graceSeconds).toBeLessThan(10)
    // It ends then, runs again ten seconds later, and has 40 s to go from its checkpoint at 60.
    expect(poolOf(figures, 'batch')).toMatchObject({ preemptions: 1 })
    expect(poolOf(figures, 'batch')?.processSeconds).toBeCloseTo(70 + graceSeconds + 40)
    expect(figures.seconds).toBeCloseTo(70 + graceSeconds + 10 + 40)
  })

  test('may be cut, and says what was unfinished then', () => {
    const policy = policyOf({ sharedSlots: 1 })
    const figures = simulate([arrival(0), arrival(0)], { policy, until: start + 15_000 })
    expect(figures).toMatchObject({ seconds: 15, unfinished: 1 })
    expect(poolOf(figures, 'normal')?.processSeconds).toBe(15)
  })

  test('ends where nothing will ever start', () => {
    const figures = simulate([arrival(0)], { policy: policyOf({ pools: { normal: { max: 0 } } }) })
    expect(figures).toMatchObject({ unfinished: 1, seconds: 0 })
  })

  test('does all of the work, once, and is the same for the same seed', () => {
    const load = fc.record({
      tenants: fc.integer({ min: 1, max: 20 }),
      ratePerSecond: fc.constantFrom(0.05, 0.2, 0.5),
      mix: fc.constantFrom({ critical: 1, normal: 6, batch: 3 }, { critical: 0, normal: 1, batch: 0 }),
      hours: fc.constant(1),
      seed: fc.nat(),
    })
    const property = fc.property(load, fc.integer({ min: 1, max: 4 }), (load, nodes) => {
      const arrivals = [...generate(load)]
      fc.pre(arrivals.length > 0)
      const policy = onNodes(policyOf({ sharedSlots: 2, preemption: { exemptSeconds: 30, most: 2 } }), nodes)
      const figures = simulate(arrivals, { policy })
      const work = arrivals.reduce((sum, { seconds }) => sum + seconds, 0)
      const done = figures.pools.reduce((sum, { processSeconds }) => sum + processSeconds, 0)
      const preemptions = figures.pools.reduce((sum, pool) => sum + pool.preemptions, 0)
      expect(figures.unfinished).toBe(0)
      expect(figures.pools.reduce((sum, { started }) => sum + started, 0)).toBe(arrivals.length)
      expect(figures.tenants.reduce((sum, { started }) => sum + started, 0)).toBe(arrivals.length)
      // Times are whole milliseconds; what was preempted is done again from its checkpoint.
      expect(done).toBeGreaterThan(work - 1)
      if (preemptions === 0) expect(done).toBeCloseTo(work, -1)
      expect(figures.utilisation).toBeLessThanOrEqual(1)
      expect(simulate(arrivals, { policy })).toEqual(figures)
    })
    fc.assert(property, { numRuns: 15 })
  })
})
