import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Census, MARKER } from '../../src/process/census.ts'
import { killMarked } from '../../src/process/tree.ts'
import { bornHere } from '../fixtures/birth.ts'

const identify = vi.hoisted(() => ({ fails: false }))

vi.mock('../../src/process/identity.ts', async (original) => {
  const real = await original<typeof import('../../src/process/identity.ts')>()
  const readStat: typeof real.readStat = (pid) => {
    if (identify.fails) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    return real.readStat(pid)
  }
  return { ...real, readStat }
})

const source = (path: string) => fileURLToPath(new URL(`../../src/process/${path}`, import.meta.url))

/** Takes every descriptor that there is, then looks for somebody that lives. */
const blinded = (worker: string) => `
  import { openSync } from 'node:fs'
  import { Census } from '${source('census.ts')}'
  import { killMarked } from '${source('tree.ts')}'
  const timer = setTimeout(() => {}, 10_000)
  process.stdout.write('')
  try { for (;;) openSync('/dev/null') } catch {}
  const { marked, isProof, isBlind } = new Census().look(() => true)
  const held = await killMarked(new Set(['${worker}']), new Census(), 500)
  process.stdout.write(JSON.stringify({ marked, isProof, isBlind, held: [...held] }))
  clearTimeout(timer)`

describe('without a descriptor to spare', () => {
  it('nobody that shows is no proof that nobody lives', async () => {
    const worker = `blind-${process.pid}`
    const env = { PATH: process.env.PATH ?? '', [MARKER]: worker }
    const child = spawn('sleep', ['100'], { env, stdio: 'ignore' })
    try {
      const run = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', blinded(worker)]
      const { stdout } = spawnSync('sh', run, { encoding: 'utf8' })
      expect(JSON.parse(stdout)).toEqual({ marked: [], isProof: false, isBlind: true, held: [worker] })
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('a process that cannot be identified', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-blind-'))

  afterEach(() => {
    identify.fails = false
    rmSync(directory, { recursive: true })
  })

  it('is not born, and nothing of it is left', async () => {
    identify.fails = true
    const id = `unborn-${process.pid}`
    const program = fileURLToPath(new URL('../fixtures/children/programs/never-ready.ts', import.meta.url))
    const born = bornHere({ id, program, directory })
    setTimeout(() => {
      identify.fails = false
    }, 300)
    await expect(born).rejects.toThrow('too many open files')
    expect(new Census().look((worker) => worker === id).marked).toEqual([])
  })
})

describe('what does not die', () => {
  it('is looked for ever less often, and named at the deadline', async () => {
    const census = new Census()
    const looks = vi.spyOn(census, 'look').mockReturnValue({
      // One that cannot be killed: no machine has such a number.
      marked: [{ pid: 2 ** 30, worker: 'stuck' }],
      isProof: true,
      isBlind: false,
    })
    expect(await killMarked(new Set(['stuck', 'other']), census, 1_500)).toEqual(new Set(['stuck']))
    expect(looks.mock.calls.length).toBeLessThan(15)
  })
})
