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

  it('takes back what tasks have closed, also after kill -9', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mayfly-nobody-'))
    chownSync(home, nobody.uid, nobody.gid)
    const kinds = [fileURLToPath(new URL('../fixtures/children/closing', import.meta.url))]
    const site = await Site.create({ kinds }, join(home, 'data'))
    orchestrator = site.start([bin], nobody)
    await orchestrator.listening
    const closing = async (close: string, stay: boolean) => {
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', { kind: 'closing', input: { close, stay } })
      return new Watcher(site, id)
    }
    const found = { type: 'task.succeeded', attempt: 2, data: { result: 'found' } }
    for (const close of ['workspace', 'kept']) {
      expect(await (await closing(close, false)).done).toMatchObject(found)
    }
    const staying = await Promise.all(['workspace', 'kept'].map((close) => closing(close, true)))
    const haveClosed = () => staying.every(({ events }) => events.some(({ type }) => type === 'task.progress'))
    await expect.poll(haveClosed, { timeout: 20_000 }).toBe(true)
    await orchestrator.kill('SIGKILL')
    orchestrator = site.start([bin], nobody)
    await orchestrator.listening
    for (const { done } of staying) expect(await done).toMatchObject(found)
    await orchestrator.kill('SIGTERM')
    expect(workspacesOf(site.data)).toEqual([])
    rmSync(home, { recursive: true })
  })

  it('counts what tasks have closed, and leaves it closed', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mayfly-nobody-'))
    chownSync(home, nobody.uid, nobody.gid)
    const site = await Site.create({}, join(home, 'data'))
    orchestrator = site.start([bin], nobody)
    await orchestrator.listening
    const run = async (command: string, workspaceMiB: number) => {
      const input = { command: ['sh', '-c', command] }
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', {
        kind: 'exec',
        input,
        limits: { workspaceMiB },
      })
      const watcher = new Watcher(site, id)
      await watcher.done
      return watcher.events
    }
    const fill = 'for i in 1 2 3 4 5 6 7 8; do head -c 1048576 /dev/zero > $i; done'
    const ways = [`mkdir a; cd a; ${fill}; chmod 0 .`, `cd "$HOME"; ${fill}; chmod 0 "$HOME/.."`]
    for (const way of ways) {
      const events = await run(`${way}; sleep 30`, 4)
      expect(events.at(-1)).toMatchObject({ type: 'task.failed', data: { error: { code: 'DISK_LIMIT' } } })
    }
    const left = await run('mkdir -m 0 a; sleep 2; stat -c "mode %a" a', 4)
    expect(left.some(({ data }) => data.text === 'mode 0')).toBe(true)
    await orchestrator.kill('SIGTERM')
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
