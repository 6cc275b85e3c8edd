/** `npm start` is a server in a shell in npm: a signal to npm must reach the server, and npm must wait for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isInstalled } from '../fixtures/installed.ts'
import { Site } from './support/orchestrator.ts'
import { processesWith } from './support/traces.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mayfly-npm-'))
})
afterEach(() => {
  for (const pid of processesWith(directory)) process.kill(pid, 'SIGKILL')
  rmSync(directory, { recursive: true })
})

/** What became of the tasks, from the journal of a server that has stopped. */
function statesIn(data: string): unknown[] {
  const journal = new DatabaseSync(join(data, 'journal.db'), { readOnly: true })
  const rows = journal.prepare('SELECT state, attempt FROM task').all()
  journal.close()
  return rows.map(({ state, attempt }) => [state, attempt])
}

describe.skipIf(!isInstalled('npm'))('npm start', () => {
  it.each([
    { what: 'a SIGTERM to npm', send: (pid: number) => process.kill(pid, 'SIGTERM') },
    {
      what: 'Ctrl-C, which the terminal sends to npm and server alike',
      send: (pid: number) => process.kill(-pid, 'SIGINT'),
    },
    { what: 'a SIGTERM to the server alone', send: (_: number, server: number) => process.kill(server, 'SIGTERM') },
  ])('lets running tasks end at $what, and is over when the server is', async ({ send }) => {
    const flags = join(directory, 'flags')
    mkdirSync(flags)
    const site = await Site.create({ stopGraceSeconds: 30, logLevel: 'info', mounts: [flags] }, join(directory, 'data'))
    const npm = site.startByNpm()
    await npm.listening
    const go = join(flags, 'go')
    const command = ['sh', '-c', `while [ ! -e ${go} ]; do sleep 0.05; done`]
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', { kind: 'exec', input: { command } })
    const state = async () => (await site.json<{ state: string }>('GET', `/v1/tasks/${id}`)).state
    await expect.poll(state).toBe('running')
    send(npm.child.pid as number, Number(/"pid":(\d+)/.exec(npm.said)?.[1]))
    await expect.poll(() => npm.said).toContain('"msg":"stopping"')
    writeFileSync(go, '')
    await npm.exited
    expect(npm.said).not.toContain('handing tasks back')
    expect([statesIn(site.data), processesWith(site.data)]).toEqual([[['succeeded', 1]], []])
  })
})
