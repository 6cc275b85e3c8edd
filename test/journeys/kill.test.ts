import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { seal } from '../../src/client/seal.ts'
import { filesWith, hitsInMemory, processesThatShow } from '../fixtures/canary.ts'
import { levels } from '../fixtures/levels.ts'
import { Diary } from './support/diary.ts'
import { type Orchestrator, Site, standingBy } from './support/orchestrator.ts'
import { hasChildren, openFilesOf, processesWith, usageNotesOf, workersIn, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

/** At each level, of the orchestrator and as often of a worker. More: npm run test:kill */
const kills = Number(process.env.MAYFLY_KILLS ?? 17)
const tasks = 20
/** What workers that have come to stand by meanwhile may hold open in the orchestrator. */
const openFilesOfStandbys = 15

interface Listed {
  readonly items: readonly { readonly id: string; readonly state: string; readonly attempt: number }[]
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

describe.each(
  [
    { name: 'level 2, with workers that stand by', level: 2, more: standingBy },
    { name: 'level 1, with workers that stand by', level: 1, more: standingBy },
    { name: 'level 0', level: 0, more: {} },
  ].filter(({ level }) => level <= Math.max(...levels)),
)('an orchestrator and workers that are killed with -9 at random, at $name', ({ level, more }) => {
  it('lose no task, run none twice at once, show every watcher its stream whole, and leave nothing', {
    timeout: 120_000 + kills * 5_000,
  }, async () => {
    const diary = new Diary()
    const mounts = [diary.directory]
    // Whoever is first in line is being born whenever a worker is killed.
    const patience = { maxLosses: 1_000, maxStartFailures: 100 }
    const isolation = { atMost: level }
    const site = await Site.create({ isolation, mounts, sharedSlots: 4, logLevel: 'info', ...patience, ...more })
    const canary = Buffer.from(randomBytes(32).toString('hex'))
    orchestrator = site.start()
    await orchestrator.listening
    expect(await site.level()).toBe(level)
    await store(site, canary)
    const ids = await Promise.all(Array.from({ length: tasks }, (_, at) => submit(site, diary.command(`t${at}`, 12))))
    const watchers = ids.map((id) => new Watcher(site, id))

    for (let kill = 0; kill < kills; kill++) {
      await orchestrator.listening
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 350))
      killOne(workersIn(site.data))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 350))
      await orchestrator.kill()
      orchestrator = site.start()
    }
    await Promise.all(watchers.map((watcher) => watcher.done))

    expect(watchers.map(({ last }) => last?.type)).toEqual(ids.map(() => 'task.succeeded'))
    expect(diary.overlaps()).toEqual([])
    const ended = new Set(diary.entries.filter(({ who }) => who === 'end').map(({ task }) => task))
    expect(ended.size).toBe(tasks)
    for (const watcher of watchers) {
      expect(watcher.events.map((event) => event.seq)).toEqual(watcher.events.map((_, at) => at + 1))
      expect(watcher.events.filter((event) => event.type === 'task.succeeded')).toHaveLength(1)
    }
    const { items } = await site.json<Listed>('GET', '/v1/tasks?limit=100')
    expect(items.map((task) => task.state)).toEqual(ids.map(() => 'succeeded'))
    expect(items.map((task) => task.id).sort()).toEqual([...ids].sort())
    expect(items.some((task) => task.attempt > 1)).toBe(true)

    const { pid = 0 } = orchestrator.child
    const before = openFilesOf(pid)
    await killWorkersOf(site)
    await expect.poll(() => openFilesOf(pid)).toBeLessThanOrEqual(before + openFilesOfStandbys)
    expect(processesWith(diary.path)).toEqual([])
    expect(hitsInMemory(pid, canary)).toBe(0)
    await orchestrator.kill('SIGTERM')
    expect(processesWith(site.data)).toEqual([])
    expect(processesThatShow(canary)).toEqual([])
    expect(workspacesOf(site.data)).toEqual([])
    expect(usageNotesOf(site.data)).toEqual([])
    expect(filesWith(site.data, canary)).toEqual([])
    expect(orchestrator.said).not.toContain(canary.toString())
  })
})

async function store(site: Site, canary: Buffer): Promise<void> {
  const { publicKey } = await site.json<{ publicKey: string }>('GET', '/v1/secrets/public-key')
  await site.json('PUT', '/v1/secrets/canary', { sealed: await seal(publicKey, 'canary', canary) })
}

/** A task that holds a secret, in a file of its own too, and is tried again as often as its worker is killed. */
async function submit(site: Site, command: string[]): Promise<string> {
  const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', {
    kind: 'exec',
    input: { command, secretFiles: { token: 'token' } },
    secrets: { token: 'vault:canary' },
    retry: { maxAttempts: 100, backoffSeconds: 0, maxBackoffSeconds: 0 },
  })
  return id
}

/** Twenty tasks that are at work until their worker is killed; each has one try. */
async function killWorkersOf(site: Site): Promise<void> {
  const ask = { kind: 'exec', input: { command: ['sleep', '60'] }, retry: { maxAttempts: 1 } }
  const watchers: Watcher[] = []
  // One after the other: connections of ours that wait for more would count as what the server has open.
  while (watchers.length < 20) {
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', ask)
    watchers.push(new Watcher(site, id))
  }
  const killing = setInterval(() => killOne(workersIn(site.data).filter(hasChildren)), 20)
  const ends = await Promise.all(watchers.map(({ done }) => done)).finally(() => clearInterval(killing))
  expect(new Set(ends.map(({ type }) => type))).toEqual(new Set(['task.failed']))
}

function killOne(workers: readonly number[]): void {
  const pid = workers[Math.floor(Math.random() * workers.length)]
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
