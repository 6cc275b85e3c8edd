import { describe, expect, it } from 'vitest'
import { Vitals } from '../../src/task/vitals.ts'

describe('the vitals of an attempt', () => {
  it('tell how long it has been silent', () => {
    const vitals = new Vitals(0)
    vitals.told(1_000)
    expect(vitals.silentMs(1_500)).toBe(500)
    vitals.sign(1_600)
    expect(vitals.silentMs(1_700)).toBe(100)
    expect(vitals.toldMs(1_700)).toBe(700)
  })

  it('count neither its silence nor its time before it has been told its task', () => {
    const vitals = new Vitals(0)
    vitals.sign(100)
    expect(vitals.silentMs(60_000)).toBe(0)
    expect(vitals.toldMs(60_000)).toBe(0)
  })

  it('do not blame it for a silence while one of its streams is not read', () => {
    const vitals = new Vitals(0)
    vitals.told(0)
    vitals.holdUp()
    vitals.holdUp()
    vitals.goOn(5_000)
    expect(vitals.silentMs(60_000)).toBe(0)
    vitals.goOn(60_000)
    expect(vitals.silentMs(60_200)).toBe(200)
  })

  it('tell how much of it a checkpoint has saved', () => {
    const vitals = new Vitals(1_000)
    expect(vitals.savedSeconds).toBe(0)
    vitals.saved(3_500)
    vitals.saved(4_000)
    expect(vitals.savedSeconds).toBe(3)
  })

  it('keep the higher of two figures, and the end of what was printed', () => {
    const vitals = new Vitals(0)
    vitals.used({ cpuSeconds: 1, rssMiB: 80, writtenMiB: 0.5, processes: 4 })
    vitals.used({ cpuSeconds: 2, rssMiB: 40, writtenMiB: 0.25 })
    vitals.output(1024 ** 2)
    for (let line = 0; line < 2_000; line++) vitals.printed(`line ${line}`)
    expect(vitals.usage(3_000)).toEqual({
      wallSeconds: 3,
      cpuSeconds: 2,
      peakRssMiB: 80,
      writtenMiB: 0.5,
      outputMiB: 1,
      peakProcesses: 4,
    })
    expect(vitals.lastOutput).toMatch(/line 1999$/)
    expect(vitals.lastOutput.length).toBeLessThanOrEqual(4096)
  })
})
