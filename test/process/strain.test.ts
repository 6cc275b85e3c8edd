import { describe, expect, it } from 'vitest'
import type { Pressure } from '../../src/process/pressure.ts'
import { memoryStrain, spareMiB, strainOf } from '../../src/process/strain.ts'

const idle: Pressure = {
  cores: 8,
  load: 0.4,
  cpuSome: 0.5,
  throttled: null,
  memorySome: 0,
  memoryFull: 0,
  ioFull: 0,
  memory: { totalMiB: 16_384, availableMiB: 12_000 },
}
const levelOf = (but: Partial<Pressure>, slots = 8) => strainOf({ ...idle, ...but }, slots).level
const left = (totalMiB: number, availableMiB: number) => levelOf({ memory: { totalMiB, availableMiB } })

describe('a machine', () => {
  it('is at ease when it has nothing to do, or nothing is known of it', () => {
    expect(levelOf({})).toBe('easy')
    const nothing = { load: null, cpuSome: null, memorySome: null, memoryFull: null, ioFull: null, memory: null }
    expect(levelOf(nothing)).toBe('easy')
  })

  it('is at ease when its slots keep all its CPUs busy: that is what they are for', () => {
    expect(levelOf({ load: 9.3, cpuSome: 85 })).toBe('easy')
    expect(levelOf({ cores: 2, load: 3.6, cpuSome: 90 }, 2)).toBe('easy')
    expect(levelOf({ cores: 1, load: 2.2, cpuSome: 90 }, 1)).toBe('easy')
  })

  it('is overloaded beyond twice its CPUs, when threads wait for them indeed', () => {
    expect(levelOf({ load: 18, cpuSome: 92 })).toBe('loaded')
    expect(levelOf({ load: 18, cpuSome: null })).toBe('loaded')
    expect(levelOf({ load: 18, cpuSome: 12 })).toBe('easy')
  })

  it('is not overloaded by what the operator has asked of it', () => {
    expect(levelOf({ load: 40, cpuSome: 99 }, 40)).toBe('tense')
    expect(levelOf({ load: 50, cpuSome: 99 }, 40)).toBe('loaded')
  })

  it('is neither at ease nor overloaded between', () => {
    expect(levelOf({ load: 15, cpuSome: 92 })).toBe('tense')
    expect(levelOf({ load: 18, cpuSome: 50 })).toBe('tense')
  })

  it('is overloaded when its quota stops all of us for most of the time, whatever the load of all others', () => {
    expect([levelOf({ throttled: 75 }), levelOf({ throttled: 50 }), levelOf({ throttled: 10 })]).toEqual([
      'loaded',
      'tense',
      'easy',
    ])
  })

  it('is short of memory when little is left, of a large one not more than would be of use', () => {
    expect([left(16_384, 800), left(16_384, 900), left(16_384, 1_700)]).toEqual(['short', 'tense', 'easy'])
    expect([left(1_048_576, 2_000), left(1_048_576, 5_000)]).toEqual(['short', 'easy'])
    expect([left(512, 60), left(512, 100), left(512, 200)]).toEqual(['short', 'tense', 'easy'])
  })

  it('has hardly any left below a quarter of that', () => {
    expect([left(16_384, 190), left(512, 10), left(1_048_576, 500), left(64, 0)]).toEqual(Array(4).fill('gone'))
  })

  it('is short of memory when processes wait for it, however much is left', () => {
    expect([levelOf({ memoryFull: 12 }), levelOf({ memorySome: 45 })]).toEqual(['short', 'short'])
    expect([levelOf({ memoryFull: 2 }), levelOf({ memorySome: 12 })]).toEqual(['tense', 'tense'])
    expect(levelOf({ memorySome: 3, memoryFull: 0.5 })).toBe('easy')
  })

  it('has all of it wait for a disk without harm, but not at ease', () => {
    expect(levelOf({ ioFull: 99 })).toBe('tense')
  })

  it('says what presses most, in figures', () => {
    const memory = { totalMiB: 16_384, availableMiB: 700.6 }
    expect(strainOf({ ...idle, load: 40, cpuSome: 90, memory }, 8).reason).toBe(
      'memory is short: 700 of 16384 MiB are left',
    )
    expect(strainOf({ ...idle, load: 40.04, cpuSome: 90 }, 8).reason).toBe('the load average is 40.0 on 8 CPUs')
    expect(memoryStrain({ ...idle, memorySome: 52.4, memoryFull: 31 }).reason).toBe(
      'processes waited for memory 52 % of the last 10 s, all of them 31 %',
    )
  })
})

describe('memory to spare', () => {
  it('is what is left, and none when it is short', () => {
    expect(spareMiB(idle)).toBe(12_000)
    expect(spareMiB({ ...idle, memoryFull: 20 })).toBe(0)
    expect(spareMiB({ ...idle, memory: null })).toBeGreaterThan(0)
  })
})
