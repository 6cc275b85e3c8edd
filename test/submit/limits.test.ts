import { describe, expect, it } from 'vitest'
import { limitsOf } from '../../src/submit/limits.ts'

const kind = { runSeconds: 3600, silenceSeconds: 900, memoryMiB: 512, outputMiB: 64, workspaceMiB: 2048 }

function bounds(runSeconds: number, memoryMiB: number) {
  return {
    runSeconds: { most: runSeconds, whose: 'the critical pool' },
    memoryMiB: { most: memoryMiB, whose: 'this server' },
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
})
