import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../src/contract/task.ts'
import { bin, type Orchestrator, Site } from './support/orchestrator.ts'
import { workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

const nobody = { uid: 65534, gid: 65534 }

/** Only root may become somebody else, and the checkout may be where nobody may look. */
const canTry = process.getuid?.() === 0 && spawnSync(process.execPath, [bin, '--port', 'x'], nobody).status === 64
if (!canTry)
  process.stdout.write('Skipped: another user needs root to become, and a checkout that everybody may read.\n')

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

describe.skipIf(!canTry)('a user without rights', () => {
  it('starts it, and starts it again after kill -9 and after a stop', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mayfly-nobody-'))
    mkdirSync(join(home, 'data'))
    for (const path of [home, join(home, 'data')]) chownSync(path, nobody.uid, nobody.gid)
    const site = await Site.create({}, join(home, 'data'))
    for (const signal of ['SIGTERM', 'SIGKILL', 'SIGTERM'] as const) {
      orchestrator = site.start([bin], nobody)
      await orchestrator.listening
      const request = { kind: 'exec', input: { command: ['sh', '-c', 'id -u; touch file; mkdir -m 0 closed'] } }
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
      const watcher = new Watcher(site, id)
      expect(await watcher.done).toMatchObject({ type: 'task.succeeded' })
      expect(watcher.events.some((event) => event.data.text === '65534')).toBe(true)
      await orchestrator.kill(signal)
    }
    expect(workspacesOf(site.data)).toEqual([])
    rmSync(home, { recursive: true })
  })

  it('has files of tasks in memory, and holds them to their limit', async ({ skip }) => {
    const home = mkdtempSync(join(tmpdir(), 'mayfly-nobody-'))
    chownSync(home, nobody.uid, nobody.gid)
    const kinds = [fileURLToPath(new URL('../fixtures/children/in-memory', import.meta.url))]
    const site = await Site.create({ kinds, isolation: { require: 2 } }, join(home, 'data'))
    orchestrator = site.start([bin], nobody)
    await orchestrator.listening.catch((error) => skip(String(error)))
    const run = async (does: string) => {
      const ask = { kind: 'work-in-memory', input: { does, canary: 'x' } }
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', ask)
      await new Watcher(site, id).done
      return site.json<ContractTask>('GET', `/v1/tasks/${id}`)
    }
    const inMemory = { isMemory: true, mebibytes: 8 }
    const places = { workspace: inMemory, HOME: inMemory, TMPDIR: inMemory, tmp: inMemory, shm: inMemory }
    expect(await run('tell')).toMatchObject({ result: { places } })
    expect((await run('fill')).error).toMatchObject({ code: 'DISK_LIMIT' })
    expect((await run('hide')).error).toMatchObject({ code: 'DISK_LIMIT', message: expect.stringMatching(/took 9/) })
    await orchestrator.kill('SIGTERM')
    expect(workspacesOf(site.data)).toEqual([])
    rmSync(home, { recursive: true })
  })
})
