import { describe, expect, test } from 'vitest'
import { generate } from '../../src/simulate/generate.ts'
import { simulate } from '../../src/simulate/simulate.ts'
import type { Figures } from '../../src/simulate/tally.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'
import { policyOf } from '../schedule/fixture.ts'

interface Traffic {
  readonly load: number
  readonly burst?: number
  readonly tenants?: number
  readonly mix?: Readonly<Record<Pool, number>>
  /** Times that a batch task may be ended for others. */
  readonly most?: number
}

const ordinary = { critical: 1, normal: 6, batch: 3 }
/** Seconds that a task of each takes, in the mean: those of the generator. */
const means = { critical: 27.5, normal: 82.6, batch: 413 }
const slots = 9

function replayed({ load, burst = 1, tenants = 10, mix = ordinary, most = 3 }: Traffic, seed: number): Figures {
  const parts = POOLS.reduce((sum, pool) => sum + mix[pool], 0)
  const mean = POOLS.reduce((sum, pool) => sum + (mix[pool] / parts) * means[pool], 0)
  const ratePerSecond = (load * slots) / mean
  const arrivals = [...generate({ tenants, ratePerSecond, mix, hours: 30, burst, seed })]
  const policy = policyOf({ sharedSlots: slots - 1, preemption: { exemptSeconds: 30, most } })
  return simulate(arrivals, { policy, forecasts: 150 })
}

/** Of several runs together, by pool. */
function foretold(traffic: Traffic): ReadonlyMap<Pool, { starts: number; byP50: number; byP90: number }> {
  const all = seeds.map((seed) => replayed(traffic, seed))
  return new Map(
    POOLS.map((pool) => {
      const some = all.flatMap(({ pools }) => pools.filter(({ name }) => name === pool)).map((one) => one.foretold)
      const starts = some.reduce((sum, one) => sum + one.starts, 0)
      const part = (of: 'beforeP50' | 'beforeP90') =>
        some.reduce((sum, one) => sum + one.starts * (one[of] ?? 0), 0) / starts
      return [pool, { starts, byP50: part('beforeP50'), byP90: part('beforeP90') }]
    }),
  )
}

/** These within seconds; the others with `npm run test:forecasts`. */
const few: readonly (readonly [string, Traffic])[] = [
  ['as usual', { load: 0.85 }],
  ['when just all slots are needed', { load: 1 }],
  ['in bursts, when just all slots are needed', { load: 1, burst: 10 }],
  ['when nobody makes room', { load: 1, most: 0 }],
]
const more: typeof few = [
  ['with slots to spare', { load: 0.7 }],
  ['when nearly all slots are needed', { load: 0.97 }],
  ['when more is asked for than there is', { load: 1.1 }],
  ['in bursts', { load: 0.8, burst: 20 }],
  ['of two tenants', { load: 1, tenants: 2 }],
  ['of very many tenants', { load: 1, tenants: 100 }],
  ['with little batch', { load: 0.95, mix: { critical: 2, normal: 9, batch: 1 } }],
  ['with batch alone', { load: 0.98, mix: { critical: 0, normal: 0, batch: 1 } }],
]
const isWhole = process.env.MAYFLY_TEST_MIXES === 'all'
const seeds = isWhole ? [1, 2, 3, 4] : [1, 2]

describe('of tasks that had to wait, nine of ten start before the later time that they were told, and about half before the earlier', () => {
  test.each(isWhole ? [...few, ...more] : few)(
    '%s',
    (_, traffic) => {
      const enough = [...foretold(traffic)].filter(([, { starts }]) => starts >= 100)
      expect(enough.length).toBeGreaterThan(0)
      for (const [pool, { byP50, byP90 }] of enough) {
        expect(byP90, `${pool} by p90`).toBeGreaterThanOrEqual(0.8)
        expect(byP90, `${pool} by p90`).toBeLessThanOrEqual(0.97)
        expect(byP50, `${pool} by p50`).toBeGreaterThan(0.3)
        expect(byP50, `${pool} by p50`).toBeLessThan(0.7)
      }
    },
    120_000,
  )
})

test('nobody is asked unless told so, and so many at the most', () => {
  const arrivals = [...generate({ tenants: 3, ratePerSecond: 0.05, mix: ordinary, hours: 10, seed: 1 })]
  const policy = policyOf()
  const foretoldOf = (forecasts?: number) =>
    simulate(arrivals, { policy, ...(forecasts === undefined ? {} : { forecasts }) }).pools.map((one) => one.foretold)
  for (const { starts, unjudged, beforeP50, beforeP90 } of foretoldOf()) {
    expect({ starts, unjudged, beforeP50, beforeP90 }).toEqual({
      starts: 0,
      unjudged: 0,
      beforeP50: null,
      beforeP90: null,
    })
  }
  const few = foretoldOf(20)
  expect(few.some(({ starts }) => starts > 0)).toBe(true)
  for (const { starts, unjudged } of few) expect(starts + unjudged).toBeLessThanOrEqual(20)
})

test('being asked changes nothing', () => {
  const arrivals = [...generate({ tenants: 3, ratePerSecond: 0.02, mix: ordinary, hours: 5, seed: 2 })]
  const policy = policyOf({ preemption: { exemptSeconds: 0, most: 2 } })
  const of = ({ pools, tenants, moments }: Figures) => ({
    pools: pools.map(({ foretold: _, ...same }) => same),
    tenants,
    moments,
  })
  expect(of(simulate(arrivals, { policy, forecasts: 50 }))).toEqual(of(simulate(arrivals, { policy })))
})
