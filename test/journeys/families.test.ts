import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { children } from '../fixtures/mayfly.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))
const long = { timeout: 120_000 }

interface Task {
  readonly id: string
  readonly parent: string | null
  readonly state: string
  readonly attempt: number
  readonly result: { readonly ids: readonly string[]; readonly children: readonly { readonly state: string }[] } | null
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

describe('a family whose orchestrator is killed with -9', () => {
  /** A start reads each kind in a process of its own: no more than are needed. */
  async function begin(...kinds: readonly string[]): Promise<Site> {
    const site = await Site.create({ kinds: kinds.map(children), sharedSlots: 3, maxLosses: 100 })
    orchestrator = site.start()
    await orchestrator.listening
    return site
  }

  async function restart(site: Site, waypoint?: string): Promise<void> {
    await orchestrator?.kill()
    orchestrator = waypoint === undefined ? site.start() : site.start([killedAt, waypoint])
    await orchestrator.listening
  }

  const submit = async (site: Site, request: unknown) => {
    const { id } = await site.json<Task>('POST', '/v1/tasks', request)
    return { id, watcher: new Watcher(site, id) }
  }
  const count = (watcher: Watcher, type: string) => watcher.events.filter((event) => event.type === type).length
  const until = (watcher: Watcher, type: string, times = 1) =>
    expect.poll(() => count(watcher, type)).toBeGreaterThanOrEqual(times)
  const all = async (site: Site) => (await site.json<{ items: Task[] }>('GET', '/v1/tasks?limit=100')).items
  const childrenOf = async (site: Site, parent: string) => (await all(site)).filter((task) => task.parent === parent)

  it('resumes a parent exactly once, when the children have settled after the restart', long, async () => {
    const site = await begin('parents', 'common')
    const slow = { kind: 'exec', input: { command: ['sleep', '1.5'] } }
    const { id, watcher } = await submit(site, {
      kind: 'parent',
      input: { children: { a: slow, b: slow }, suspend: true },
    })
    await until(watcher, 'task.suspended')
    await restart(site)
    expect(await site.json<Task>('GET', `/v1/tasks/${id}`)).toMatchObject({ state: 'queued', attempt: 1 })
    await watcher.done
    const task = await site.json<Task>('GET', `/v1/tasks/${id}`)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(task.result?.children.map(({ state }) => state)).toEqual(['succeeded', 'succeeded'])
    expect(count(watcher, 'task.starting')).toBe(2)
    expect(await childrenOf(site, id)).toHaveLength(2)
  })

  it('resumes a parent whose last child ended in the very commit before the kill', long, async () => {
    const site = await begin('parents', 'common')
    const { id, watcher } = await submit(site, {
      kind: 'parent',
      input: { children: { slow: { kind: 'wait', input: {} } }, suspend: true },
    })
    await until(watcher, 'task.suspended')
    await orchestrator?.kill()
    orchestrator = site.start([killedAt, 'settle.appended'])
    await orchestrator.listening
    const [child] = await childrenOf(site, id)
    await site.json('POST', `/v1/tasks/${child?.id}/cancel`, {})
    await orchestrator.exited
    orchestrator = site.start()
    await orchestrator.listening
    await watcher.done
    expect(await site.json<Task>('GET', `/v1/tasks/${id}`)).toMatchObject({ state: 'succeeded', attempt: 2 })
    expect(await childrenOf(site, id)).toMatchObject([{ state: 'cancelled' }])
  })

  it('has the same children when the parent was in the middle of submitting them', long, async () => {
    const site = await begin('parents', 'common')
    const keys = Array.from({ length: 40 }, (_, at) => [`k${at}`, { kind: 'succeed', input: {} }])
    const { id, watcher } = await submit(site, {
      kind: 'parent',
      input: { children: Object.fromEntries(keys), suspend: true },
    })
    await expect.poll(async () => (await childrenOf(site, id)).length, { interval: 1 }).toBeGreaterThan(0)
    await restart(site)
    await watcher.done
    const found = await childrenOf(site, id)
    const task = await site.json<Task>('GET', `/v1/tasks/${id}`)
    expect([task.state, found.length, new Set(task.result?.ids).size]).toEqual(['succeeded', 40, 40])
  })

  it('cancels the children of a cancelled parent, also when the kill came between', long, async () => {
    const site = await begin('parents', 'common')
    const wait = { kind: 'wait', input: {} }
    const below = { kind: 'parent', input: { children: { a: wait, b: wait }, suspend: true } }
    const { id, watcher } = await submit(site, { kind: 'parent', input: { children: { below }, suspend: true } })
    await until(watcher, 'task.suspended')
    await expect.poll(async () => (await all(site)).length, { timeout: 30_000 }).toBe(4)
    // The answer and the kill race with the look for the children; whoever wins, they are not forgotten.
    await site.request('POST', `/v1/tasks/${id}/cancel`, {})
    await restart(site)
    await watcher.done
    const states = async () => (await all(site)).map(({ state }) => state)
    await expect.poll(states).toEqual(Array(4).fill('cancelled'))
  })

  it.each(['launch.told', 'settle.ended', 'settle.appended'])(
    'runs a cleanup again that was killed at %s, and ends as it was decided',
    long,
    async (waypoint) => {
      const site = await begin('cleanups')
      const { id, watcher } = await submit(site, { kind: 'untidy', input: { how: 'suspend' } })
      await until(watcher, 'task.suspended')
      await restart(site, waypoint)
      // The wish is durable before the cleanup begins; the answer to it may be cut off by the kill.
      await site.request('POST', `/v1/tasks/${id}/cancel`, { reason: 'enough' }).catch(() => {})
      await orchestrator?.exited
      await restart(site)
      expect(await watcher.done).toMatchObject({ type: 'task.cancelled', data: { error: { code: 'CANCELLED' } } })
      expect(count(watcher, 'task.cleanup')).toBe(1)
      expect(watcher.events.map((event) => event.seq)).toEqual(watcher.events.map((_, at) => at + 1))
    },
  )
})
