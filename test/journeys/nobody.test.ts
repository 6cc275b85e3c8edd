import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
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
  it('starts it, and starts it again after kill -9 and after a stop', { timeout: 60_000 }, async () => {
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
  })
})
