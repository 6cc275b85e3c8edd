import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it } from 'vitest'
import { thisMachine } from '../../src/process/machine.ts'
import { isUncounted } from '../../src/process/numbers.ts'
import { probeIsolation, userInside } from '../../src/process/probe.ts'
import { Programs } from '../../src/process/programs.ts'
import { type Spawn, spawnHere } from '../../src/process/spawn.ts'
import { spawnByNode } from '../../src/process/spawn-by-node.ts'
import { viewOf } from '../../src/process/view.ts'
import { bornHere } from '../fixtures/birth.ts'
import { isInstalled } from '../fixtures/installed.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-bear-')))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const workspace = join(directory, 'workspace')
mkdirSync(workspace)
const program = join(workspace, 'program.js')
writeFileSync(program, "process.stdout.write(require('node:fs').readFileSync('/proc/self/limits'))")

const ways: readonly (readonly [string, Spawn])[] = [
  ['as it is here', spawnHere()],
  ['by Node', spawnByNode],
]

describe.skipIf(!isInstalled('bwrap')).each(ways)('a worker in a sandbox, started %s', (_, spawn) => {
  it('has its limits, whoever sets them', async () => {
    const environment = { PATH: process.env.PATH ?? '' }
    const shown = { program: directory, kinds: [], mounts: [], sealed: [], hidden: [] }
    const user = userInside() ?? 1_000
    const view = () => viewOf({ ...shown, standIns: join(directory, 'world'), user })
    const ground = { programs: new Programs(), spawn, environment, view, scratch: join(directory, 'probe') }
    const { isolation } = await probeIsolation(2, ground)
    expect(isolation).toMatchObject({ level: 2, isGated: spawn.setsLimits && isUncounted })
    const limits = { dataMiB: 3_000, fileMiB: 1, openFiles: 64, threads: 16 }
    const own = { id: 'limited', program, isolation, limits, directory: workspace }
    const worker = await bornHere(own, { ...thisMachine(), spawn })
    worker.stderr.resume()
    const said = await text(worker.stdout)
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    const limit = (name: string) => new RegExp(`^Max ${name} +(\\d+) +(\\d+)`, 'm').exec(said)?.slice(1).map(Number)
    expect(limit('data size')).toEqual([3_000 * 1024 ** 2, 3_000 * 1024 ** 2])
    expect(limit('file size')).toEqual([1024 ** 2, 1024 ** 2])
    expect(limit('open files')).toEqual([64, 64])
    expect(limit('processes')).toEqual([16, 16])
    await worker.emptied()
  })
})

describe('a worker', () => {
  it('is born by the main thread alone: with any other that ends it would end, too', async () => {
    const bear = new URL('../../src/process/bear.ts', import.meta.url).href
    const tries = `import('${bear}').then(({ bear }) => bear({}, {})).catch((error) => postMessage(error.message))`
    const thread = new Worker(
      `const { parentPort } = require('worker_threads'); const postMessage = (text) => parentPort.postMessage(text); ${tries}`,
      { eval: true },
    )
    const [said] = await once(thread, 'message')
    expect(said).toContain('start it from the main one')
  })
})
