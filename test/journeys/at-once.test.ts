import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import type { PoolList } from '../../src/contract/stats.ts'
import type { TaskPage } from '../../src/contract/task.ts'
import { Diary } from './support/diary.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { processesWith, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

it.each([
  ['launch.born', 0],
  ['launch.claimed', 1],
])(
  'a task that is claimed as it is added: killed with -9 at %s, %i of it is there after a restart, and runs once',
  {
    timeout: 120_000,
  },
  async (waypoint, count) => {
    const diary = new Diary()
    const site = await Site.create({ ...standingBy, mounts: [diary.directory], maxLosses: 5 })
    orchestrator = site.start([killedAt, waypoint, '2'])
    await orchestrator.listening
    const ask = (command: string[]) => ({ kind: 'exec', input: { command } })
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', ask(['true']))
    await new Watcher(site, id).done
    const standing = async () => (await site.json<PoolList>('GET', '/v1/pools')).pools.map(({ standby }) => standby)
    await expect.poll(async () => (await standing())[1]).toBe(1)
    const answer = site.request('POST', '/v1/tasks', ask(diary.command('task', 2))).catch(() => undefined)
    await orchestrator.exited
    expect(waypoint === 'launch.born' && (await answer)).toBeFalsy()

    orchestrator = site.start()
    await orchestrator.listening
    const { items } = await site.json<TaskPage>('GET', '/v1/tasks')
    const after = items.filter((task) => task.id !== id)
    expect(after).toHaveLength(count)
    for (const { id } of after) expect((await new Watcher(site, id).done).type).toBe('task.succeeded')
    expect(diary.overlaps()).toEqual([])
    expect(diary.entries.filter(({ who }) => who === 'end')).toHaveLength(count)
    await orchestrator.kill('SIGTERM')
    expect(processesWith(diary.path)).toEqual([])
    expect(workspacesOf(site.data)).toEqual([])
  },
)
