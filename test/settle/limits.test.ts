/** One hostile child for each limit, at each level: it ends by its own code, says how far it got, and nothing is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AttemptPage } from '../../src/contract/attempt.ts'
import { expectAftermath } from '../fixtures/aftermath.ts'
import { atLeast } from '../fixtures/figures.ts'
import { levels } from '../fixtures/levels.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

interface Row {
  readonly name: string
  readonly ask: Ask
  readonly code: string
  readonly details: object
  /** Beside what every attempt has used. */
  readonly used?: object
  readonly says: RegExp
}

const rows: readonly Row[] = [
  {
    name: 'CPU time, of all its processes',
    ask: { kind: 'burn', limits: { cpuSeconds: 0.3 } },
    code: 'CPU_LIMIT',
    details: { limit: 'cpuSeconds', reached: atLeast(0.3), allowed: 0.3 },
    used: { cpuSeconds: atLeast(0.3), peakProcesses: atLeast(3) },
    says: /^it used [\d.]+ s of CPU, its limit is 0.3 s$/,
  },
  {
    name: 'processes, though they are nobody’s children',
    ask: { kind: 'breed', input: { most: 120 }, limits: { processes: 20 } },
    code: 'PROCESS_LIMIT',
    details: { limit: 'processes', reached: atLeast(21), allowed: 20 },
    used: { peakProcesses: atLeast(21) },
    says: /^it had \d+ processes or more at once, its limit is 20$/,
  },
  {
    name: 'open files',
    ask: { kind: 'hoard-files', input: { most: 200 }, limits: { openFiles: 100 } },
    code: 'OPEN_FILES_LIMIT',
    details: { limit: 'openFiles', reached: atLeast(100), allowed: 100 },
    says: /^a process of it had \d+ files open, its limit is 100/,
  },
  {
    name: 'the size of a file',
    ask: { kind: 'write-one', input: { mebibytes: 3 }, limits: { fileMiB: 2 } },
    code: 'FILE_SIZE_LIMIT',
    details: { limit: 'fileMiB', reached: atLeast(2), allowed: 2 },
    says: /^a file of it reached [\d.]+ MiB, its limit for one is 2 MiB/,
  },
  {
    name: 'files without names',
    ask: { kind: 'hide-files', input: { where: 'nameless', mebibytes: 3 }, limits: { workspaceMiB: 2, fileMiB: 8 } },
    code: 'DISK_LIMIT',
    details: { limit: 'workspaceMiB', reached: atLeast(3), allowed: 2 },
    says: /^its files took 3[.\d]* MiB or more, its limit is 2 MiB$/,
  },
  {
    name: 'files in memory that never had a name',
    ask: { kind: 'hide-files', input: { where: 'memory', mebibytes: 3 }, limits: { workspaceMiB: 2, fileMiB: 8 } },
    code: 'DISK_LIMIT',
    details: { limit: 'workspaceMiB', reached: atLeast(3), allowed: 2 },
    says: /^its files took 3[.\d]* MiB or more, its limit is 2 MiB$/,
  },
  {
    name: 'files that are nested too deeply to be found',
    ask: { kind: 'hide-files', input: { where: 'deep', mebibytes: 1 } },
    code: 'DISK_LIMIT',
    details: { limit: 'workspaceMiB' },
    says: /more than can be counted/,
  },
]

describe.each(levels)('at level %i an attempt ends by its limit of', (level) => {
  let mayfly: TestMayfly

  beforeAll(async () => {
    mayfly = await startMayfly({
      config: { kinds: [children('common'), children('limits')], isolation: { atMost: level } },
    })
  })

  afterAll(() => mayfly.remove())

  it.concurrent.each(rows)('$name', async ({ ask, code, details, used, says }) => {
    const task = await mayfly.run(ask)
    expect(task.error).toMatchObject({ code, details, message: expect.stringMatching(says) })
    expect(task.outcome).toBe('stopped')
    const last = (await mayfly.events(task.id)).at(-1)
    const usage = {
      wallSeconds: atLeast(0.05),
      cpuSeconds: atLeast(0.01),
      peakRssMiB: atLeast(20),
      peakProcesses: atLeast(1),
      ...used,
    }
    expect(last?.data).toMatchObject({ error: { code, details }, usage })
    const { items } = await mayfly.get<AttemptPage>(`/tasks/${task.id}/attempts`)
    expect(items).toMatchObject([{ number: 1, outcome: 'stopped', error: { code, details }, usage, isolation: level }])
    await expectAftermath(mayfly, task.id)
  })
})
