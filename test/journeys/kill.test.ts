import { afterEach, describe, expect, it } from 'vitest'
import { Diary } from './support/diary.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { processesWith, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

/** More on a machine of one's own: MAYFLY_KILLS=500 npm test -- kill. */
const kills = Number(process.env.MAYFLY_KILLS ?? 50)
const tasks = 50

interface Listed {
  readonly items: readonly { readonly id: string; readonly state: string; readonly attempt: number }[]
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

describe.each([
  // Not at level 2: there no task could write into the diary.
  { name: 'level 1, with workers that stand by', isolation: { atMost: 1 }, more: standingBy, killed: kills },
  { name: 'level 0', isolation: { atMost: 0 }, more: {}, killed: Math.ceil(kills / 3) },
])('an orchestrator that is killed with -9 at random, at $name', ({ isolation, more, killed }) => {
  it('loses no task, runs none twice at once, and every watcher sees its stream whole', {
    timeout: 300_000,
  }, async () => {
    const site = await Site.create({ isolation, sharedSlots: 4, maxLosses: 1_000, logLevel: 'info', ...more })
    const diary = new Diary()
    orchestrator = site.start()
    await orchestrator.listening
    const ids = await Promise.all(Array.from({ length: tasks }, (_, number) => submit(site, diary, `t${number}`)))
    const watchers = ids.map((id) => new Watcher(site, id))

    for (let kill = 0; kill < killed; kill++) {
      await orchestrator.listening
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 700))
      await orchestrator.kill()
      orchestrator = site.start()
    }
    await Promise.all(watchers.map((watcher) => watcher.done))

    expect(diary.overlaps()).toEqual([])
    for (const watcher of watchers) {
      expect(watcher.events.map((event) => event.seq)).toEqual(watcher.events.map((_, at) => at + 1))
      expect(watcher.events.filter((event) => event.type === 'task.succeeded')).toHaveLength(1)
      expect(watcher.last?.type).toBe('task.succeeded')
    }
    const { items } = await site.json<Listed>('GET', '/v1/tasks?limit=100')
    expect(items.map((task) => task.state)).toEqual(ids.map(() => 'succeeded'))
    expect(items.map((task) => task.id).sort()).toEqual([...ids].sort())
    expect(items.some((task) => task.attempt > 1)).toBe(true)
    expect(processesWith(diary.path)).toEqual([])
    await orchestrator.kill('SIGTERM')
    expect(processesWith(site.data)).toEqual([])
    expect(workspacesOf(site.data)).toEqual([])
  })
})

async function submit(site: Site, diary: Diary, name: string): Promise<string> {
  const request = { kind: 'exec', input: { command: diary.command(name, 12) } }
  const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
  return id
}
