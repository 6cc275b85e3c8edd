import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { Worker } from '../../src/process/worker.ts'
import { zeroable } from '../../src/system/zeroable.ts'
import { bornHere } from '../fixtures/birth.ts'

const directory = mkdtempSync(join(tmpdir(), 'mayfly-unsent-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const born = (program: string): Promise<Worker> =>
  bornHere({
    id: `unsent-${process.pid}`,
    program: fileURLToPath(new URL(`../fixtures/children/programs/${program}`, import.meta.url)),
    directory,
  })

/** More than the pipe holds, in more frames than Node lets one thing listen for without a warning. */
const frames = () => Array.from({ length: 40 }, () => zeroable(64 * 1024).fill(7))
const isWiped = (frame: Buffer) => frame.every((byte) => byte === 0)

describe('frames that nobody may find later', () => {
  it.each(['exit-at-once.ts', 'ready-then-exit.ts'])(
    'are zeros when the worker went without reading them: %s',
    async (program) => {
      const warnings: Error[] = []
      const warn = (warning: Error) => void warnings.push(warning)
      process.on('warning', warn)
      const worker = await born(program).catch(() => undefined)
      const sent = frames()
      for (const frame of sent) worker?.sendOnce(frame)
      await worker?.exited
      await worker?.emptied()
      if (worker) await expect.poll(() => sent.every(isWiped)).toBe(true)
      process.off('warning', warn)
      expect(warnings).toEqual([])
    },
  )

  it('are zeros when the worker never reads and is killed, and those that come after its end at once', async () => {
    const worker = await born('never-ready.ts')
    const sent = frames()
    for (const frame of sent) worker.sendOnce(frame)
    expect(sent.every(isWiped)).toBe(false)
    worker.kill()
    await worker.emptied()
    await expect.poll(() => sent.every(isWiped)).toBe(true)
    const late = zeroable(100).fill(7)
    worker.sendOnce(late)
    expect(isWiped(late)).toBe(true)
  })
})
