import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Demands } from '../../src/launch/demands.ts'
import { keyOf, type LaunchProfile } from '../../src/launch/profile.ts'
import { sideOf } from '../../src/launch/standby-policy.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'

const fixed = { workspaceMiB: 1, workspace: 'disk', fileMiB: 1, openFiles: 64, processes: 8 } as const
const profile = (memoryMiB: number): LaunchProfile => {
  return { memoryMiB, ...fixed, preload: [], network: 'host', mounts: [], isLean: false }
}
const slots = { critical: 4, shared: 2 }
const expected = { critical: profile(1), normal: profile(2), batch: profile(3) }

const fine = { isFailing: () => false, isResting: () => false }

const floorsOf = (demands: Demands) => {
  const kept = demands.list(fine).filter(({ floor }) => floor > 0)
  return kept.map(({ side, profile, floor }) => [side, profile.memoryMiB, floor])
}

describe('what workers are to stand by for', () => {
  it('is, before anybody has asked, what the pools that have a floor are expected to ask for', () => {
    const demands = new Demands({ slots, floors: { critical: 1, normal: 2, batch: 0 }, expected })
    expect(floorsOf(demands)).toEqual([
      ['critical', 1, 1],
      ['shared', 2, 2],
    ])
    expect(demands.list(fine)).toHaveLength(2)
  })

  it('is what each of them asked for last; of what two of one side want there are as many', () => {
    const demands = new Demands({ slots, floors: { critical: 1, normal: 2, batch: 1 }, expected })
    demands.note('normal', profile(7), 1)
    demands.note('batch', profile(7), 2)
    demands.note('critical', profile(7), 3)
    expect(floorsOf(demands)).toEqual([
      ['shared', 7, 3],
      ['critical', 7, 1],
    ])
  })

  it('is what is expected where what was asked for last does not come up, and who rests is known', () => {
    const demands = new Demands({ slots, floors: { critical: 1, normal: 1, batch: 0 }, expected })
    demands.note('normal', profile(7), 1)
    const isBad = ({ memoryMiB }: LaunchProfile) => memoryMiB === 7
    const found = demands.list({ isFailing: isBad, isResting: isBad })
    expect(found.map(({ profile, floor, isResting }) => [profile.memoryMiB, floor, isResting])).toEqual([
      [7, 0, true],
      [1, 1, false],
      [2, 1, false],
    ])
  })

  it('keeps of a profile no more asks than its side has slots, the latest first', () => {
    const demands = new Demands({ slots, floors: { critical: 0, normal: 0, batch: 0 }, expected })
    for (const at of [1, 2, 3]) demands.note('normal', profile(7), at)
    expect(demands.list(fine)).toEqual([
      { side: 'shared', profile: profile(7), floor: 0, isResting: false, askedAt: [3, 2] },
    ])
  })

  it('always has every floor whole, however many profiles are asked for', () => {
    const asks = fc.array(fc.tuple(fc.constantFrom<Pool>(...POOLS), fc.integer({ min: 1, max: 200 })), {
      maxLength: 300,
    })
    const floor = fc.integer({ min: 0, max: 3 })
    fc.assert(
      fc.property(asks, fc.record({ critical: floor, normal: floor, batch: floor }), (asks, floors) => {
        const demands = new Demands({ slots, floors, expected })
        const last: Record<Pool, LaunchProfile> = { ...expected }
        for (const [at, [pool, memoryMiB]] of asks.entries()) {
          last[pool] = profile(memoryMiB)
          demands.note(pool, last[pool], at)
        }
        const found = demands.list(fine)
        const keys = found.map(({ side, profile }) => `${side} ${keyOf(profile)}`)
        expect(new Set(keys).size).toBe(keys.length)
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
        expect(sum(found.map((one) => one.floor))).toBe(sum(Object.values(floors)))
        for (const pool of POOLS.filter((pool) => floors[pool] > 0)) {
          const isIts = (one: { side: string; profile: LaunchProfile }) =>
            one.side === sideOf(pool) && one.profile.memoryMiB === last[pool].memoryMiB
          expect(found.find(isIts)?.floor).toBeGreaterThanOrEqual(floors[pool])
        }
      }),
    )
  })
})
