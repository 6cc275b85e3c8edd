/** Workers born one after the other, from the spawn to the word that they have their task. Argument: the highest isolation level. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaults } from '../../../src/config/defaults.ts'
import { Directories } from '../../../src/files/directories.ts'
import { Workspaces } from '../../../src/files/workspaces.ts'
import { profileOf } from '../../../src/launch/profile.ts'
import { prepare } from '../../../src/prepare.ts'
import { thisMachine } from '../../../src/process/machine.ts'
import { machinePressure } from '../../../src/process/pressure.ts'
import { FRAME } from '../../../src/protocol/frame.ts'
import type { Start } from '../../../src/protocol/messages.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemLogger } from '../../../src/system/logger.ts'
import { defaultLimits } from '../../../src/task/limits.ts'
import { cleanEnvironment, pathOf } from '../program.ts'
import { answerWith } from './answer.ts'

const level = Number(process.argv[2])
const data = mkdtempSync(join(tmpdir(), 'mayfly-bench-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

const { workers } = await prepare({
  config: { ...defaults(), data, isolation: { atMost: level }, standby: 0 },
  logger: systemLogger('error'),
  clock: systemClock,
  environment: cleanEnvironment,
  machine: thisMachine(),
  workspaces: new Workspaces(join(data, 'workspaces')),
  directories: new Directories({ root: join(data, 'directories'), mostMiB: 1 }),
  pressure: machinePressure(),
})
const limits = { ...defaultLimits, fileMiB: defaultLimits.workspaceMiB }
const profile = profileOf({ workspace: 'disk', ...limits, preload: [], network: 'host', mounts: [], isLean: true })

const start: Start = {
  ...{ task: 'task', tenant: 'default', kind: 'noop', attempt: 1, module: pathOf('kinds/noop.ts') },
  ...{ input: null, checkpoint: null, debug: false, kept: '', directory: null, uploads: {} },
}

/** How long each took, in milliseconds. */
export interface Births {
  readonly ms: readonly number[]
}

answerWith<{ readonly count: number }>({ level: workers.isolation.level }, async ({ count }): Promise<Births> => {
  const ms: number[] = []
  for (let birth = 0; birth < count; birth++) {
    const before = performance.now()
    const { worker } = await workers.take({
      profile,
      tenant: 'default',
      pool: 'normal',
      front: true,
      directory: null,
    })
    worker.send(FRAME.START, start)
    worker.send(FRAME.END)
    await worker.spoke
    ms.push(performance.now() - before)
    await workers.discard(worker)
  }
  return { ms }
})
