import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { readerOf, writerOf } from '../../src/process/pipe-ends.ts'
import { type Descriptor, type PipeEnd, type Spawn, spawnHere } from '../../src/process/spawn.ts'
import { spawnByLibc } from '../../src/process/spawn-by-libc.ts'
import { spawnByNode } from '../../src/process/spawn-by-node.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'mayfly-spawn-')))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const noProgram = join(directory, 'no-program')
writeFileSync(noProgram, 'text', { mode: 0o644 })

const env = { PATH: process.env.PATH ?? '', ONE: 'a b=c', TWO: 'ümläut €' }
const descriptors: readonly Descriptor[] = ['ignore', 'pipe', 'pipe']

const byLibc = spawnByLibc()
const ways: readonly (readonly [string, Spawn])[] = [
  ['by Node', spawnByNode],
  ...(byLibc ? [['by the C library', byLibc] as const] : []),
]

it.runIf(process.platform === 'linux')('is done by the C library on Linux', () => {
  expect(byLibc).toBeDefined()
  expect(spawnHere()).not.toBe(spawnByNode)
})

describe.each(ways)('a process that is started %s', (_, spawn) => {
  const sh = (script: string, more: Partial<Parameters<Spawn>[0]> = {}) =>
    spawn({ program: 'sh', args: ['-c', script, 'sh', 'a b', ''], cwd: directory, env, descriptors, ...more })

  /** What it prints. */
  const said = async (script: string, more: Partial<Parameters<Spawn>[0]> = {}) => {
    const { ends, exited } = await sh(script, more)
    const out = text(readerOf(ends[1] as PipeEnd))
    readerOf(ends[2] as PipeEnd).resume()
    return { out: await out, exit: await exited }
  }

  it('has its arguments, its directory, and no more environment than it is given', async () => {
    const { out, exit } = await said('printf "%s|" "$@"; pwd; tr "\\0" "\\n" < /proc/$$/environ; exit 3')
    expect(out).toBe(
      `a b||${directory}\n${Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('')}`,
    )
    expect(exit).toEqual({ code: 3, signal: null })
  })

  it('has the descriptors that it is given, in their order, and no other of ours', async () => {
    const file = openSync(join(directory, 'given'), 'w+')
    const { ends, exited } = await sh('echo for-us; echo for-them >&3; cat <&4 >&3; ls -l /proc/$$/fd', {
      descriptors: ['ignore', 'pipe', 'pipe', file, 'pipe'],
    })
    writerOf(ends[4] as PipeEnd).end('from us\n')
    const out = await text(readerOf(ends[1] as PipeEnd))
    await exited
    const numbers = Array.from(out.matchAll(/ (\d+) -> /g), ([, number]) => Number(number))
    expect(out.startsWith('for-us\n')).toBe(true)
    expect(numbers.filter((number) => !inherited.has(number))).toEqual([0, 1, 2, 3, 4])
    expect(readFileSync(join(directory, 'given'), 'utf8')).toBe('for-them\nfrom us\n')
    expect(ends[3]).toBeUndefined()
  })

  it.runIf(spawn === byLibc)('has nothing of what whoever started us left open', () => {
    const module = new URL('../../src/process/spawn-by-libc.ts', import.meta.url).href
    const order = {
      program: 'ls',
      args: ['/proc/self/fd/40'],
      cwd: '/',
      env,
      descriptors: ['ignore', 'ignore', 'ignore'],
    }
    const script = `
      import { spawnByLibc } from ${JSON.stringify(module)}
      import { spawnSync } from 'node:child_process'
      const staying = setInterval(() => {}, 60_000)
      const { status } = spawnSync('ls', ['/proc/self/fd/40'])
      const { exited } = await spawnByLibc()(${JSON.stringify(order)})
      console.log(status, (await exited).code)
      clearInterval(staying)`
    const stdio = Array.from({ length: 41 }, (_, at): 'ignore' | 'pipe' => (at > 2 && at < 40 ? 'ignore' : 'pipe'))
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', stdio })
    expect(stdout).toBe('0 2\n')
  })

  it('leads a session of its own, with no signal blocked or ignored', async () => {
    process.on('SIGUSR2', () => {})
    const { out } = await said('cut -d" " -f1,6 /proc/$$/stat; exec grep -E "Sig(Blk|Ign)" /proc/self/status')
    process.removeAllListeners('SIGUSR2')
    const [, pid, session] = /^(\d+) (\d+)\n/.exec(out) ?? []
    expect(session).toBe(pid)
    expect(out.match(/0{16}/g)).toHaveLength(2)
  })

  it.runIf(spawn.setsLimits)('waits at its gate until its limits stand, for all that it starts, too', async () => {
    const { out } = await said('cat <&3; ulimit -Sn; ulimit -Hn; (ulimit -d; ulimit -f; ulimit -p)', {
      descriptors: [...descriptors, { limits: { dataMiB: 100, fileMiB: 3, openFiles: 77, threads: 55 } }],
    })
    expect(out.trim().split('\n')).toEqual(['77', '77', String(100 * 1024), String(3 * 2048), '55'])
  })

  it.runIf(spawn.setsLimits)('says why it cannot be held to its limits, also where nothing else is to be done', () => {
    const module = new URL('../../src/process/spawn-by-libc.ts', import.meta.url).href
    const limits = { dataMiB: 0.5, fileMiB: 1, openFiles: 64, threads: 16 }
    const order = { program: 'sleep', args: ['60'], cwd: '/', env, descriptors: ['ignore', { limits }] }
    const script = `
      import { spawnByLibc } from ${JSON.stringify(module)}
      await spawnByLibc()(${JSON.stringify(order)}).catch(({ message }) => console.log(message))`
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect([status, stdout]).toEqual([0, expect.stringContaining('0.5')])
  })

  it.runIf(!spawn.setsLimits)('is not started at a gate, where nobody sets limits', async () => {
    const before = openDescriptors()
    const gate = { limits: { dataMiB: 100, fileMiB: 3, openFiles: 77, threads: 55 } }
    await expect(sh('true', { descriptors: [...descriptors, gate] })).rejects.toThrow('no limits can be set here')
    expect(openDescriptors()).toBeLessThanOrEqual(before)
  })

  it('tells by which signal it was killed', async () => {
    const { exit } = await said('kill -9 $$')
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('is told apart from all others that end at the same time, and leaves none behind', async () => {
    const codes = Array.from({ length: 40 }, (_, at) => at)
    const exits = await Promise.all(
      codes.map(async (code) => (await sh(`exit ${code}`, { descriptors: ['ignore', 'ignore', 'ignore'] })).exited),
    )
    expect(exits).toEqual(codes.map((code) => ({ code, signal: null })))
    expect(
      readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(isZombie),
    ).toEqual([])
  })

  it.each([
    ['a program that is not there', { program: 'no-such-program' }, 'ENOENT'],
    ['a path that is not there', { program: '/no/such/program' }, 'ENOENT'],
    ['a file that is no program', { program: noProgram }, 'EACCES'],
    ['a directory that is not there', { cwd: '/no/such/directory' }, 'ENOENT'],
    ['a word with a zero byte', { args: ['a\0b'] }, /zero|null/],
  ])('is not started with %s, and no descriptor is lost', async (_, wrong, reason) => {
    const before = openDescriptors()
    for (let times = 0; times < 5; times++) {
      await expect(sh('true', wrong)).rejects.toThrow(reason)
    }
    await expect.poll(openDescriptors).toBeLessThanOrEqual(before)
  })
})

/** What every process of this one gets, because whoever started the tests wanted it so. */
const inherited: ReadonlySet<number> = new Set(readdirSync('/proc/self/fd').map(Number).filter(isInherited))

function isInherited(fd: number): boolean {
  const info = existsSync(`/proc/self/fdinfo/${fd}`) ? readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8') : ''
  const closesOnExec = 0o2000000
  return fd > 4 && (Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '', 8) & closesOnExec) === 0
}

const openDescriptors = () => readdirSync('/proc/self/fd').length

function isZombie(pid: string): boolean {
  return existsSync(`/proc/${pid}/stat`) && /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}
