import { describe, expect, it } from 'vitest'
import { type Maxima, noMaxima } from '../../src/access/bounds.ts'
import { limitsOf } from '../../src/submit/limits.ts'
import { defaultLimits } from '../../src/task/limits.ts'

const kind = defaultLimits

function bounds(runSeconds: number, memoryMiB: number, maxima: Partial<Maxima> = {}) {
  return {
    runSeconds: { most: runSeconds, whose: 'the critical pool' },
    memoryMiB: { most: memoryMiB, whose: 'this server' },
    maxima: { ...noMaxima, ...maxima },
  }
}

describe('the limits of a task', () => {
  it('are its kind’s, but for what the request says', () => {
    const { most } = { most: Infinity }
    expect(limitsOf(undefined, kind, bounds(most, most))).toEqual(kind)
    expect(limitsOf({ runSeconds: 60, memoryMiB: 64 }, kind, bounds(60, 64))).toEqual({
      ...kind,
      runSeconds: 60,
      memoryMiB: 64,
    })
  })

  it('are cut to the run time that is allowed where nobody asked for more', () => {
    expect(limitsOf({}, kind, bounds(600, 1024)).runSeconds).toBe(600)
    expect(() => limitsOf({ runSeconds: 601 }, kind, bounds(600, 1024))).toThrow(
      'limits.runSeconds is 601, and a task of the critical pool may run for 600 s: ask for less',
    )
  })

  it('are never more memory than there is, whoever asks for it', () => {
    const sentence = 'limits.memoryMiB is 512, and all tasks of this server have 256 together, so it could never start'
    expect(() => limitsOf({}, kind, bounds(3600, 256))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: `${sentence}: ask for less` }),
    )
    expect(limitsOf({ memoryMiB: 256 }, kind, bounds(3600, 256)).memoryMiB).toBe(256)
  })

  it('count files in memory as memory', () => {
    const inMemory = { ...kind, memoryMiB: 200, workspaceMiB: 100, workspace: 'memory' as const }
    expect(limitsOf({}, inMemory, bounds(3600, 300))).toEqual(inMemory)
    expect(() => limitsOf({ workspaceMiB: 101 }, inMemory, bounds(3600, 300))).toThrow(
      'limits.memoryMiB and limits.workspaceMiB, whose 101 MiB are in memory too, are 301, and all tasks of this server have 300 together',
    )
    expect(limitsOf({ workspaceMiB: 101 }, { ...inMemory, workspace: 'disk' }, bounds(3600, 300)).workspaceMiB).toBe(
      101,
    )
  })

  it('are no more than the operator allows, however they come about', () => {
    const maxima = { cpuSeconds: 60, fileMiB: 100, processes: 8, memoryMiB: 512 }
    const allowed = bounds(3600, 1024, maxima)
    expect(limitsOf({}, kind, allowed)).toEqual({ ...kind, cpuSeconds: 60, fileMiB: 100, processes: 8 })
    expect(limitsOf({ cpuSeconds: 5, processes: 8 }, kind, allowed)).toMatchObject({ cpuSeconds: 5, processes: 8 })
    for (const [name, most] of Object.entries(maxima)) {
      expect(() => limitsOf({ [name]: most + 1 }, kind, allowed)).toThrow(
        `limits.${name} is ${most + 1}, and this server allows ${most}: ask for less`,
      )
    }
  })

  it('hold a kind to its memory: it may need it', () => {
    const demanding = { ...kind, memoryMiB: 600 }
    expect(() => limitsOf({}, demanding, bounds(3600, 1024, { memoryMiB: 512 }))).toThrow('limits.memoryMiB is 600')
  })
})
