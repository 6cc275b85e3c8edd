import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaults } from '../src/config/defaults.ts'
import { Directories } from '../src/files/directories.ts'
import { Workspaces } from '../src/files/workspaces.ts'
import { prepare } from '../src/prepare.ts'
import { thisMachine } from '../src/process/machine.ts'
import { machinePressure } from '../src/process/pressure.ts'
import { leftOpen } from '../src/process/view.ts'
import { systemClock } from '../src/system/clock.ts'
import { isInstalled } from './fixtures/installed.ts'
import { mountSmallDisk, type SmallDisk } from './fixtures/small-disk.ts'

const warned = /devices.*nodev/

describe('a server that is root', () => {
  let disk: SmallDisk | undefined
  beforeAll(() => {
    disk = mountSmallDisk(64, ',nodev')
  })
  afterAll(() => disk?.unmount())

  it('is told when its workers are shown the devices of the machine', () => {
    expect(leftOpen({ dev: undefined }, 0)).toMatch(warned)
    expect(leftOpen({ dev: undefined }, 1_000)).toBeUndefined()
    expect(leftOpen({ dev: '/data/sandbox/dev' }, 0)).toBeUndefined()
  })

  it('says so in its log when it starts', async ({ skip }) => {
    if (!disk || !isInstalled('bwrap')) return skip('it takes root and bwrap')
    const said: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line) => said.push(JSON.parse(line).msg) })
    const data = join(disk.directory, 'data')
    const { PATH = '' } = process.env
    await prepare({
      config: { ...defaults(), data, standby: 0, isolation: { require: 2 } },
      logger,
      clock: systemClock,
      environment: { PATH },
      machine: thisMachine(),
      workspaces: new Workspaces(join(data, 'workspaces')),
      directories: new Directories({ root: join(data, 'directories'), mostMiB: 1 }),
      pressure: machinePressure(),
    })
    expect(said).toEqual([expect.stringMatching(warned)])
  })
})
