import { describe, expect, it } from 'vitest'
import { defaults } from '../../src/config/defaults.ts'
import { memoryMiB, thisHost } from '../../src/config/host.ts'
import { Config } from '../../src/config/schema.ts'
import { checkOf } from '../../src/contract/check.ts'

const gibibyte = 1024 ** 3

describe('the defaults', () => {
  it('are what settings may be, which no start looks at again', () => {
    expect(checkOf(Config, 'the configuration')(defaults())).toBeUndefined()
  })

  it('give a slot to each core, as far as the memory reaches', () => {
    const slots = (cores: number, memoryMiB: number) => defaults({ cores, memoryMiB }).sharedSlots
    expect([slots(8, 64 * 1024), slots(8, 2560), slots(1, 2560)]).toEqual([8, 4, 1])
  })

  it('leave something to the system, and let a usual task run on the smallest machine', () => {
    expect(defaults({ cores: 2, memoryMiB: 4096 }).memoryMiB).toBe(4096 - 512)
    expect(defaults({ cores: 2, memoryMiB: 256 })).toMatchObject({ memoryMiB: 512, sharedSlots: 1 })
  })

  it('bound no tenant below what there is', () => {
    const { running, poolRunning, memoryMiB, processSecondsPerDay } = defaults().tenant
    expect([running, ...Object.values(poolRunning), memoryMiB, processSecondsPerDay]).toEqual(Array(6).fill(null))
  })
})

describe('the memory of a host', () => {
  it('is what its container may have, where that is less', () => {
    expect(memoryMiB(8 * gibibyte, 2 * gibibyte)).toBe(2048)
  })

  it('is all that there is where nothing limits it, in whichever way that shows', () => {
    expect(memoryMiB(8 * gibibyte, 0)).toBe(8192)
    expect(memoryMiB(8 * gibibyte, 2 ** 64 - 1)).toBe(8192)
  })

  it('is found here', () => {
    const { cores, memoryMiB } = thisHost()
    expect(cores).toBeGreaterThanOrEqual(1)
    expect(memoryMiB).toBeGreaterThan(128)
  })
})
