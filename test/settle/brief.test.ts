/** What attempts have used that end before anybody has looked at them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDisk, onDisk } from '../fixtures/disk.ts'
import { levels } from '../fixtures/levels.ts'
import { children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { untilOneStandsBy } from '../fixtures/standing.ts'

const input = { mebibytes: 60, seconds: 0.05, written: 3 }
/** Of a worker that has done nothing yet. */
const emptyMiB = 30

describe.each(levels)('at level %i what a brief attempt has used', (level) => {
  let mayfly: TestMayfly
  let directory: string

  beforeAll(async () => {
    // More than any of them takes: a figure that is ours must show.
    Buffer.alloc(300 * 1024 ** 2, 1)
    directory = mkdtempSync(join(onDisk, 'mayfly-brief-'))
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
    // Below level 2 nobody knows of one that says nothing what it took beyond what it had at its beginning.
    const isKnown = end === 'return' || level >= 2
    expect(usage?.peakRssMiB).toBeGreaterThan(isKnown ? input.mebibytes + emptyMiB : emptyMiB)
    expect(usage?.peakRssMiB).toBeLessThan(200)
  })

  it('is on record when it ends by a signal in a worker that stood by', async () => {
    const config = { kinds: [children('endings')], isolation: { atMost: level }, standby: 2 }
    const another = await startMayfly({ config, data: join(directory, 'standing') })
    try {
      await untilOneStandsBy(another)
      const { id } = await another.run({ kind: 'brief', input: { ...input, end: 'SIGKILL' } })
      expect(another.attempts(id)[0]?.usage?.peakRssMiB).toBeGreaterThan(emptyMiB)
    } finally {
      await another.remove()
    }
  })

  it('is on record when what a command of it has started is cancelled', async () => {
    const compute = 'while (process.cpuUsage().user < 200_000); console.log("computed"); setInterval(() => {}, 60_000)'
    // After the first look at it, and before the second.
    const later = `setTimeout(() => { ${compute} }, 400)`
    // Its shell has no time to wait for it.
    const command = ['sh', '-c', '"$@"; :', 'sh', process.execPath, '-e', later]
    const { id } = await mayfly.submit({ kind: 'exec', input: { command } })
    await mayfly.untilText(id, 'computed')
    await mayfly.cancel(id)
    await mayfly.settled(id)
    const usage = mayfly.attempts(id)[0]?.usage
    expect(usage?.cpuSeconds).toBeGreaterThanOrEqual(0.2)
    expect(usage?.peakProcesses).toBe(3)
  })
})
