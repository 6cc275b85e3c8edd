import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { bin, type Orchestrator, Site } from './support/orchestrator.ts'

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

describe('an orchestrator', () => {
  it('refuses a directory that another one holds, and names it', async () => {
    const site = await Site.create({})
    orchestrator = site.start()
    await orchestrator.listening
    const second = site.start()
    await second.exited
    expect(second.child.exitCode).toBe(78)
    expect(second.said).toContain(`${orchestrator.child.pid}`)
    expect(second.said).toContain(site.data)
    expect((await site.request('GET', '/healthz')).status).toBe(200)
  })

  it('refuses a journal that was emptied, and says how to recover', async () => {
    const site = await Site.create({})
    orchestrator = site.start()
    await orchestrator.listening
    await orchestrator.kill('SIGTERM')
    truncateSync(join(site.data, 'journal.db'))
    orchestrator = site.start()
    await orchestrator.exited
    expect(orchestrator.child.exitCode).toBe(78)
    expect(orchestrator.said).toMatch(/mv .*damaged/)
  })

  it.each([
    { what: 'a port that is none', flags: ['--port', 'http'], says: 'port must be a number' },
    { what: 'an unknown flag', flags: ['--fast'], says: '--fast' },
    {
      what: 'a directory of kinds that is none',
      flags: ['--kinds', '/nowhere', '--port', '0'],
      says: 'there is no directory /nowhere',
    },
    { what: 'an unknown isolation', flags: ['--isolation', 'total'], says: 'isolation must be' },
    { what: 'a config file that is none', flags: ['--config', '/nowhere.json'], says: '/nowhere.json' },
  ])('answers $what with one sentence', ({ flags, says }) => {
    const { status, stderr } = spawnSync(process.execPath, [bin, ...flags], { encoding: 'utf8' })
    expect(status).toBe(64)
    expect(stderr).toContain(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('says that another program listens where it should, and what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const port = String((taken.address() as AddressInfo).port)
    const { status, stderr } = await startedBadly(['--port', port])
    taken.close()
    expect(status).toBe(78)
    expect(stderr).toBe(
      `mayfly: Another program listens on 127.0.0.1:${port} already: stop it, or choose another port with --port (0 takes a free one).\n`,
    )
  })

  it('says which address is none of this machine', async () => {
    const { status, stderr } = await startedBadly(['--port', '0', '--host', '192.0.2.1'])
    expect(status).toBe(78)
    expect(stderr).toMatch(/^mayfly: It cannot listen on 192\.0\.2\.1 \(.*\): choose an address of this machine.*\n$/)
  })

  it('says what is in its way', async () => {
    const data = mkdtempSync(join(tmpdir(), 'mayfly-start-'))
    writeFileSync(join(data, 'artifacts'), '')
    const { status, stderr } = await startedBadly(['--port', '0', '--data', data])
    rmSync(data, { recursive: true })
    expect(status).toBe(78)
    expect(stderr).toMatch(/^mayfly: It cannot start \(EEXIST.*artifacts'\): see that everything in .*\n$/)
  })

  it('says which Node it needs when started on an older one', (test) => {
    const older = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && majorOf(path) < 24)
    if (!older) return test.skip('no older Node is installed here')
    const { status, stderr } = spawnSync(older, [bin], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Mayfly needs Node 24 or newer and this is v\d+.*\n$/)
  })
})

/** Of a start that fails: its exit code, and what it said to people, without its log. */
async function startedBadly(flags: readonly string[]): Promise<{ status: number | null; stderr: string }> {
  const data = mkdtempSync(join(tmpdir(), 'mayfly-start-'))
  const child = spawn(process.execPath, [bin, '--data', data, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [status] = await once(child, 'close')
  rmSync(data, { recursive: true })
  return { status, stderr }
}

function majorOf(node: string): number {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return Number(/^v(\d+)/.exec(stdout)?.[1] ?? Number.POSITIVE_INFINITY)
}
