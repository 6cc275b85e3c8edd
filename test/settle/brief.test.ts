/** What attempts have used that end before anybody has looked at them: on a disk, where the kernel counts what is written. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { levels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const place = '/var/tmp'
const typeOfTmpfs = 0x01021994
const isDisk = statfsSync(place).type !== typeOfTmpfs

const input = { mebibytes: 60, seconds: 0.05, written: 3 }
/** Of a worker that has done nothing yet. */
const emptyMiB = 30

describe.each(levels)('at level %i what a brief attempt has used', (level) => {
  let mayfly: TestMayfly
  let directory: string

  beforeAll(async () => {
    // More than any of them takes: a figure that is ours must show.
    Buffer.alloc(300 * 1024 ** 2, 1)
    directory = mkdtempSync(join(place, 'mayfly-brief-'))
    const config = { kinds: [children('endings')], isolation: { atMost: level } }
    mayfly = await startMayfly({ config, data: join(directory, 'data') })
  })

  afterAll(async () => {
    await mayfly?.remove()
    rmSync(directory, { recursive: true })
  })

  it.each([
    ['returns', 'return', undefined],
    ['exits without a result', 'exit', 'CRASHED'],
    ['ends by a signal', 'SIGKILL', 'CRASHED'],
    ['crashes', 'SIGSEGV', 'CRASHED'],
  ])('is on record when it %s', async (_how, end, code) => {
    const { id, error } = await mayfly.run({ kind: 'brief', input: { ...input, end }, retry: { maxAttempts: 1 } })
    expect(error?.code).toBe(code)
    const usage = mayfly.attempts(id)[0]?.usage
    expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(input.seconds)
    if (isDisk) expect(usage?.writtenMiB).toBeGreaterThanOrEqual(input.written)
    // Below level 2 nobody knows what one took that was killed, but what it had at its beginning.
    const isKnown = end === 'return' || end === 'exit' || level >= 2
    expect(usage?.peakRssMiB).toBeGreaterThan(isKnown ? input.mebibytes + emptyMiB : emptyMiB)
    expect(usage?.peakRssMiB).toBeLessThan(200)
  })
})
