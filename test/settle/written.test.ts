/** What attempts write to a disk. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDisk, onDisk } from '../fixtures/disk.ts'
import { levels } from '../fixtures/levels.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

const dd = (mebibytes: number) => ['dd', 'if=/dev/zero', 'of=large', 'bs=1M', `count=${mebibytes}`]

const rows: readonly (readonly [string, Ask, string | undefined])[] = [
  ['a command, that has ended', { kind: 'exec', input: { command: dd(3) } }, undefined],
  [
    'its own process, that is stopped',
    { kind: 'write-one', input: { mebibytes: 3 }, limits: { fileMiB: 2 } },
    'FILE_SIZE_LIMIT',
  ],
  [
    'a command, that is stopped',
    {
      kind: 'exec',
      input: { command: ['sh', '-c', `${dd(3).join(' ')}; sleep 600`] },
      limits: { silenceSeconds: 1.5 },
    },
    'SILENT',
  ],
]

describe.skipIf(!isDisk).each(levels)(
  'what an attempt has written at level %i (skipped where /var/tmp is in memory)',
  (level) => {
    let mayfly: TestMayfly
    let directory: string

    beforeAll(async () => {
      directory = mkdtempSync(join(onDisk, 'mayfly-written-'))
      const config = { kinds: [children('limits')], isolation: { atMost: level } }
      mayfly = await startMayfly({ config, data: join(directory, 'data') })
    })

    afterAll(async () => {
      await mayfly?.remove()
      rmSync(directory, { recursive: true })
    })

    it.concurrent.each(rows)('is what was written by %s', async (_by, ask, code) => {
      const task = await mayfly.run(ask)
      // At level 1 the kernel refuses what is beyond the limit of a file.
      const least = code === 'FILE_SIZE_LIMIT' ? 2 : 3
      expect(task.error?.code).toBe(code)
      const usage = mayfly.attempts(task.id)[0]?.usage
      expect(usage?.writtenMiB).toBeGreaterThanOrEqual(least)
      expect(usage?.writtenMiB).toBeLessThan(4)
    })
  },
)
