import { spawnSync } from 'node:child_process'
import { existsSync, truncateSync } from 'node:fs'
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

  it('says which Node it needs when started on an older one', (test) => {
    const older = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => existsSync(path) && majorOf(path) < 24)
    if (!older) return test.skip('no older Node is installed here')
    const { status, stderr } = spawnSync(older, [bin], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Mayfly needs Node 24 or newer and this is v\d+.*\n$/)
  })
})

function majorOf(node: string): number {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return Number(/^v(\d+)/.exec(stdout)?.[1] ?? Number.POSITIVE_INFINITY)
}
