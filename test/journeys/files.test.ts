import { existsSync, readdirSync } from 'node:fs'
import { type ClientRequest, request } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { ArtifactPage } from '../../src/contract/artifact.ts'
import { children } from '../fixtures/mayfly.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))
const MiB = 1024 * 1024
const settings = { kinds: [children('files')], sharedSlots: 2 }

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

/** An upload of 8 MiB of which the first two are sent. */
function beginUpload(site: Site): ClientRequest {
  const headers = { authorization: `Bearer ${site.token}`, 'content-length': 8 * MiB }
  const sending = request(`${site.url}/v1/uploads`, { method: 'POST', headers })
  sending.on('error', () => {})
  sending.write(Buffer.alloc(2 * MiB))
  return sending
}

const uploaded = (site: Site): string[] => {
  const directory = join(site.data, 'uploads', 'default')
  return existsSync(directory) ? readdirSync(directory) : []
}

describe('an orchestrator that is killed with -9', () => {
  it('in the middle of uploads leaves those that were whole, and nothing else', async () => {
    const site = await Site.create(settings)
    orchestrator = site.start()
    await orchestrator.listening
    const whole = await site.request('POST', '/v1/uploads', 'whole')
    const { id } = (await whole.json()) as { id: string }
    const sending = [beginUpload(site), beginUpload(site)]
    await expect.poll(() => uploaded(site).length).toBe(3)
    await orchestrator.kill()
    for (const one of sending) one.destroy()

    orchestrator = site.start()
    await orchestrator.listening
    expect(uploaded(site)).toEqual([id])
    const task = await site.json<{ id: string }>('POST', '/v1/tasks', { kind: 'reads', input: { file: id } })
    expect(await new Watcher(site, task.id).done).toMatchObject({ type: 'task.succeeded' })
  })

  it.each(['settle.drained', 'settle.removed', 'settle.appended'])(
    'at %s, around the collecting of artifacts, has each of them once and whole',
    { timeout: 60_000 },
    async (waypoint) => {
      const site = await Site.create(settings)
      orchestrator = site.start([killedAt, waypoint])
      await orchestrator.listening
      const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', {
        kind: 'keeps',
        input: { names: ['a', 'b'] },
      })
      await orchestrator.exited
      orchestrator = site.start()
      await orchestrator.listening
      expect(await new Watcher(site, id).done).toMatchObject({ type: 'task.succeeded' })
      const { items } = await site.json<ArtifactPage>('GET', `/v1/tasks/${id}/artifacts`)
      expect(items.map(({ name }) => name)).toEqual(['a', 'b'])
      for (const { name } of items) {
        const response = await site.request('GET', `/v1/tasks/${id}/artifacts/${name}`)
        expect(await response.text()).toBe(`bytes of ${name}`)
      }
      await expect.poll(() => readdirSync(join(site.data, 'artifacts', id))).toHaveLength(2)
      await orchestrator.kill('SIGTERM')
      expect(readdirSync(join(site.data, 'workspaces'))).toEqual([])
    },
  )

  it('between attempts finds what a checkpoint refers to where it was', async () => {
    const site = await Site.create({ ...settings, maxLosses: 100 })
    orchestrator = site.start([killedAt, 'settle.appended'])
    await orchestrator.listening
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', { kind: 'remembers', input: { attempts: 3 } })
    await orchestrator.exited
    orchestrator = site.start()
    await orchestrator.listening
    const watcher = new Watcher(site, id)
    expect(await watcher.done).toMatchObject({ type: 'task.succeeded', data: { result: { texts: ['1', '2', '3'] } } })
    await expect.poll(() => readdirSync(join(site.data, 'kept'))).toEqual([])
  })
})
