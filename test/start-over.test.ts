import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { formsOf, tracesInMemory } from '../src/process/traces.ts'

const module = (name: string) => JSON.stringify(new URL(`../src/${name}`, import.meta.url).href)
const isGlibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header
const filling = Buffer.from('Kx3_vT9-QpLw7ZdR')

/** Copies what it is told where V8 then has to leave the code that it has optimized, and wipes all that it has of it. */
const leaving = `
  import { readSync, writeSync } from 'node:fs'
  import { startOver } from ${module('start-over.ts')}
  import { zeroable } from ${module('system/zeroable.ts')}
  startOver(process)
  const secret = zeroable(27)
  const copy = zeroable(27)
  readSync(0, secret)
  for (let times = 0; times < 100; times++) {
    const sum = new Function('copy', 'secret', 'a', 'b', 'copy.set(secret); return a + b + ' + times)
    for (let turns = 0; turns < 20_000; turns++) sum(copy, secret, turns, 1)
    sum(copy, secret, 'text', {})
  }
  copy.fill(0)
  secret.fill(0)
  writeSync(1, 'wiped')
  setInterval(() => {}, 60_000)`

const telling = `
  import { readFileSync, readSync } from 'node:fs'
  import { startOver } from ${module('start-over.ts')}
  process.env.SINCE = 'since'
  startOver(process)
  const isSeen = readFileSync('/proc/self/environ', 'utf8').includes('SINCE')
  const { GLIBC_TUNABLES: tunables, LD_BIND_NOW: bound, MAYFLY_STARTED_OVER: mark } = process.env
  const given = process.argv.includes('3') ? readFileSync(3, 'utf8') : ''
  const said = { pid: process.pid, args: process.argv.slice(2), flags: process.execArgv, tunables, bound, mark, given, isSeen }
  if (process.send) process.send(said, () => process.disconnect())
  else console.log(JSON.stringify(said))`

describe.runIf(isGlibc)('memory that is freed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-freed-'))
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  function programOf(source: string): string {
    const path = join(directory, `${Buffer.from(source).length}.mjs`)
    writeFileSync(path, source)
    return path
  }

  const start = (source: string, args: readonly string[], { env, stdio }: SpawnOptions = {}): ChildProcess =>
    spawn(process.execPath, ['--stack-size=900', programOf(source), ...args], {
      env: { ...process.env, ...env },
      stdio: stdio ?? ['pipe', 'pipe', 'inherit'],
    })

  const told = async (child: ChildProcess) => JSON.parse(await text(child.stdout as NodeJS.ReadableStream))

  it('holds no secret where V8 has left optimized code', { timeout: 60_000 }, async () => {
    const child = start(leaving, [])
    const exited = once(child, 'exit')
    try {
      child.stdin?.write(Buffer.alloc(27, filling))
      await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), exited])
      expect(tracesInMemory(child.pid ?? 0, formsOf(filling.subarray(0, 12))).hits).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await exited
    }
  })

  it('is overwritten by the same process, which was told the same', async () => {
    const own = 'glibc.malloc.arena_max=3:glibc.malloc.mmap_max=100'
    const child = start(telling, ['serve', '--port', '1'], { env: { GLIBC_TUNABLES: own } })
    expect(await told(child)).toEqual({
      pid: child.pid,
      args: ['serve', '--port', '1'],
      flags: ['--stack-size=900'],
      tunables: `${own}:glibc.malloc.perturb=170:glibc.malloc.tcache_count=0`,
      bound: '1',
      given: '',
      isSeen: false,
    })
  })

  it('is overwritten, and what was left open for the process still is', async () => {
    const passphrase = join(directory, 'passphrase')
    writeFileSync(passphrase, 'words of mine')
    const child = start(telling, ['3'], { stdio: ['ignore', 'pipe', 'inherit', openSync(passphrase, 'r')] })
    expect(await told(child)).toMatchObject({ given: 'words of mine', tunables: expect.stringContaining('perturb') })
  })

  it('is overwritten where what Node loads first listens at a port, which is free again', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const first = `import net from 'node:net'; net.createServer().listen(${port}, '127.0.0.1').unref()`
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(first)}` }
    expect(await told(start(telling, [], { env }))).toMatchObject({ tunables: expect.stringContaining('perturb') })
  })

  it('is left as it is where a debugger would lose its connection', async () => {
    const child = spawn(process.execPath, ['--inspect=0', programOf(telling)], { stdio: ['ignore', 'pipe', 'ignore'] })
    expect(await told(child)).not.toHaveProperty('tunables')
  })

  it('is left as it is where a parent would lose its channel, or the library is not told', async () => {
    const child = fork(programOf(telling), { stdio: 'ignore' })
    const [said] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    expect(said).not.toHaveProperty('tunables')
    const deaf = await told(start(telling, [], { env: { MAYFLY_STARTED_OVER: '1' } }))
    expect(deaf).not.toHaveProperty('tunables')
    expect(deaf).not.toHaveProperty('mark')
  })
})
