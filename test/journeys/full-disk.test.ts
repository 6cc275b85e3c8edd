import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Readiness } from '../../src/contract/readiness.ts'
import { mountSmallDisk } from '../fixtures/small-disk.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const disk = mountSmallDisk(48)
if (!disk) process.stdout.write('Skipped: a full disk needs the right to mount one (root).\n')

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())
afterAll(() => disk?.unmount())

const wide = { kind: 'exec', input: { command: ['true', 'x'.repeat(100_000)] }, notBefore: '2099-01-01T00:00:00Z' }

describe.skipIf(!disk)('a disk that is full', () => {
  it('refuses what is new, lets run what runs, and goes on when there is space', async () => {
    const flags = mkdtempSync(join(tmpdir(), 'mayfly-flag-'))
    const flag = join(flags, 'go')
    const site = await Site.create(
      { sharedSlots: 1, mounts: [flags], ...standingBy },
      join(disk?.directory ?? '', 'data'),
    )
    orchestrator = site.start()
    await orchestrator.listening
    const untilFlag = ['sh', '-c', `while [ ! -e ${flag} ]; do sleep 0.1; done; seq 1 200`]
    const running = await submit(site, { kind: 'exec', input: { command: untilFlag } })
    await expect.poll(() => running.events.length).toBe(3)
    const waiting = await submit(site, { kind: 'exec', input: { command: ['true'] } })

    disk?.fill()
    await expect.poll(async () => (await site.request('POST', '/v1/tasks', wide)).status).toBe(507)
    const readiness = async () => (await (await site.request('GET', '/readyz')).json()) as Readiness
    expect(await readiness()).toMatchObject({ ready: false, reason: 'the disk is full' })
    await expect.poll(readiness).toMatchObject({ standby: { waiting: 0 } })
    writeFileSync(flag, '')
    expect(await running.done).toMatchObject({ type: 'task.succeeded' })
    expect(running.events.filter((event) => event.type === 'task.log')).toHaveLength(200)
    expect(waiting.events).toHaveLength(1)

    disk?.free()
    expect(await waiting.done).toMatchObject({ type: 'task.succeeded' })
    expect((await site.request('POST', '/v1/tasks', wide)).status).toBe(202)
    await expect.poll(async () => (await readiness()).standby.waiting).toBeGreaterThan(0)
    expect(existsSync(join(site.data, 'reserve'))).toBe(true)
  })
})

describe.skipIf(!disk)('a first start on a disk that is full', () => {
  /** From nothing to not quite what it takes. */
  it.each([0, 64, 512, 4_096])(
    'says so in one sentence with %i KiB left, and starts when there is room',
    {
      timeout: 120_000,
    },
    async (leftKiB) => {
      disk?.fill(leftKiB)
      const site = await Site.create({}, join(disk?.directory ?? '', `first-${leftKiB}`))
      orchestrator = site.start()
      await orchestrator.exited
      const sentences = orchestrator.said.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
      expect(sentences).toEqual([expect.stringMatching(/^mayfly: .*(disk|space).*/)])
      expect(orchestrator.child.exitCode).toBe(78)
      disk?.free()
      orchestrator = site.start()
      await orchestrator.listening
    },
  )
})

async function submit(site: Site, request: unknown): Promise<Watcher> {
  const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
  return new Watcher(site, id)
}
