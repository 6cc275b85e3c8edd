import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { AttemptPage } from '../../src/contract/attempt.ts'
import { MARKER } from '../../src/process/census.ts'
import { kindsNamed } from './support/kinds.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { processesWith, usageNotesOf, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

const sleeping = { kind: 'exec', input: { command: ['sleep', '60'] } }

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

async function begin(site: Site, request: unknown): Promise<{ id: string; watcher: Watcher }> {
  const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
  return { id, watcher: new Watcher(site, id) }
}

const count = (watcher: Watcher, type: string) => watcher.events.filter((event) => event.type === type).length

async function restart(site: Site, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await orchestrator?.kill(signal)
  orchestrator = site.start()
  await orchestrator.listening
}

describe('a task whose orchestrator is killed again and again', () => {
  it('is poison after three losses that nothing else explains', async () => {
    const site = await Site.create(standingBy)
    orchestrator = site.start()
    await orchestrator.listening
    const { watcher } = await begin(site, sleeping)
    for (let loss = 1; loss <= 3; loss++) {
      await expect.poll(() => count(watcher, 'task.started')).toBe(loss)
      await restart(site)
    }
    const last = await watcher.done
    expect(last).toMatchObject({ type: 'task.failed', data: { error: { code: 'POISON' } } })
    await orchestrator?.kill('SIGTERM')
    expect(processesWith(site.data)).toEqual([])
  })

  it('is not counted while it saves checkpoints, and resumes from the last', async () => {
    const site = await Site.create({ kinds: kindsNamed('saving'), ...standingBy, askGraceSeconds: 1 })
    orchestrator = site.start()
    await orchestrator.listening
    const { id, watcher } = await begin(site, { kind: 'saving', input: {} })
    for (let loss = 1; loss <= 4; loss++) {
      await expect.poll(() => count(watcher, 'task.progress')).toBe(loss)
      await restart(site)
    }
    await expect.poll(() => count(watcher, 'task.progress')).toBe(5)
    await site.json('POST', `/v1/tasks/${id}/cancel`, {})
    await watcher.done
    const requeued = watcher.events.filter((event) => event.type === 'task.requeued')
    expect(requeued.map((event) => event.data.losses)).toEqual([0, 0, 0, 0])
  })

  it('is cancelled, not requeued, when that was asked for before the kill', async () => {
    const site = await Site.create({ askGraceSeconds: 60 })
    orchestrator = site.start()
    await orchestrator.listening
    const deaf = { kind: 'exec', input: { command: ['sh', '-c', 'trap "" TERM; sleep 60 & wait; wait'] } }
    const { id, watcher } = await begin(site, deaf)
    await expect.poll(() => count(watcher, 'task.started')).toBe(1)
    await site.json('POST', `/v1/tasks/${id}/cancel`, { reason: 'no longer needed' })
    await restart(site)
    expect(await watcher.done).toMatchObject({ type: 'task.cancelled' })
    expect(count(watcher, 'task.starting')).toBe(1)
  })
})

describe('an attempt that is lost with its orchestrator', () => {
  it('has the figures that were looked up last, and leaves no note of them', async () => {
    const site = await Site.create(standingBy)
    orchestrator = site.start()
    await orchestrator.listening
    const busy = 'x=0; while [ $x -lt 100000000 ]; do x=$((x + 1)); done'
    const { id, watcher } = await begin(site, { kind: 'exec', input: { command: ['sh', '-c', busy] } })
    await expect.poll(() => count(watcher, 'task.started')).toBe(1)
    const noted = () => usageNotesOf(site.data).map((name) => readFileSync(join(site.data, 'usage', name), 'utf8'))
    await expect.poll(() => noted().some((text) => JSON.parse(text).cpuSeconds > 0.5)).toBe(true)
    await orchestrator.kill()
    const [note = ''] = noted()
    orchestrator = site.start()
    await orchestrator.listening
    await expect.poll(() => count(watcher, 'task.started')).toBe(2)
    const { items } = await site.json<AttemptPage>('GET', `/v1/tasks/${id}/attempts`)
    expect(items[0]).toMatchObject({ number: 1, outcome: 'interrupted', usage: JSON.parse(note) })
    expect(items[0]?.usage?.peakProcesses).toBe(2)
    await site.json('POST', `/v1/tasks/${id}/cancel`, {})
    await watcher.done
    await orchestrator.kill('SIGTERM')
    expect(usageNotesOf(site.data)).toEqual([])
  })
})

describe('a process of an earlier start that does not die', () => {
  it('holds its task back until it has gone', async () => {
    const site = await Site.create({ isolation: { atMost: 0 }, recoverSeconds: 1 })
    orchestrator = site.start()
    await orchestrator.listening
    const { id, watcher } = await begin(site, sleeping)
    await expect.poll(() => count(watcher, 'task.started')).toBe(1)
    const worker = String(watcher.events.find((event) => event.type === 'task.starting')?.data.worker)
    await orchestrator.kill()

    const undead = keepAlive(worker)
    orchestrator = site.start()
    await orchestrator.listening
    expect(orchestrator.said).toContain('held back')
    expect(await site.json('GET', `/v1/tasks/${id}`)).toMatchObject({ state: 'running', attempt: 1 })
    undead.stop()
    await expect.poll(() => count(watcher, 'task.started')).toBe(2)
    expect(await site.json('GET', `/v1/tasks/${id}`)).toMatchObject({ state: 'running', attempt: 2 })
  })
})

describe('a graceful stop', () => {
  it('lets tasks end, and hands back what does not: queued, in front, not counted', async () => {
    const site = await Site.create({ ...standingBy, stopGraceSeconds: 3, askGraceSeconds: 0.5, sharedSlots: 2 })
    orchestrator = site.start()
    await orchestrator.listening
    const quick = await begin(site, { kind: 'exec', input: { command: ['sleep', '0.7'] } })
    const slow = await begin(site, sleeping)
    const waiting = await begin(site, { kind: 'exec', input: { command: ['true'] } })
    await expect.poll(() => count(quick.watcher, 'task.started') + count(slow.watcher, 'task.started')).toBe(2)

    await orchestrator.kill('SIGTERM')
    expect(processesWith(site.data)).toEqual([])
    expect(workspacesOf(site.data)).toEqual([])
    expect(orchestrator.child.exitCode).toBe(0)

    orchestrator = site.start()
    await orchestrator.listening
    expect(await quick.watcher.done).toMatchObject({ type: 'task.succeeded', attempt: 1 })
    expect(await waiting.watcher.done).toMatchObject({ type: 'task.succeeded', attempt: 1 })
    await expect.poll(() => count(slow.watcher, 'task.started')).toBe(2)
    expect(slow.watcher.events.find((event) => event.type === 'task.requeued')?.data).toMatchObject({
      cause: 'stopped',
    })
    const startedAt = (watcher: Watcher) => watcher.events.filter((event) => event.type === 'task.starting').at(-1)?.at
    expect(Date.parse(String(startedAt(slow.watcher)))).toBeLessThanOrEqual(
      Date.parse(String(startedAt(waiting.watcher))),
    )
  })

  it('hands back at once at the second signal', async () => {
    const site = await Site.create({ stopGraceSeconds: 600 })
    orchestrator = site.start()
    await orchestrator.listening
    const { watcher } = await begin(site, sleeping)
    await expect.poll(() => count(watcher, 'task.started'), { timeout: 10_000 }).toBe(1)
    orchestrator.child.kill('SIGTERM')
    await expect.poll(() => orchestrator?.said).toContain('stopping')
    const refused = await site.request('POST', '/v1/tasks', sleeping)
    expect(refused.status).toBe(503)
    await orchestrator.kill('SIGTERM')
    expect(orchestrator.child.exitCode).toBe(0)
    expect(processesWith(site.data)).toEqual([])
  })
})

/**
 * Starts processes with this worker's marker faster than anybody can kill them. Who starts them has no marker: ten
 * shells, so that one of their children is there at every look.
 */
function keepAlive(worker: string): { stop(): void } {
  const respawn = `while :; do ${MARKER}=${worker} sleep 5; done`
  const shells = Array.from({ length: 10 }, () => spawn('sh', ['-c', respawn], { env: { PATH: process.env.PATH } }))
  return {
    stop() {
      for (const shell of shells) shell.kill('SIGKILL')
    },
  }
}
