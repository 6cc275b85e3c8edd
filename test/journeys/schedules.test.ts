import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type ContractSchedule, type ShownSchedule, scheduleLabel, tickLabel } from '../../src/contract/schedule.ts'
import { FIRE_WAYPOINTS } from '../../src/system/waypoint.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))

/** More on a machine of one's own: MAYFLY_KILLS=500 npm test -- journeys/schedules. */
const kills = Math.ceil(Number(process.env.MAYFLY_KILLS ?? 50) / 3)
const latestMs = 500
/** No more than what a server has time for that lives for half a second. */
const everyMs = 1_000

interface Page {
  readonly items: readonly { readonly id: string; readonly state: string; readonly labels: Record<string, string> }[]
  readonly nextCursor: string | null
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

const settings = { sharedSlots: 2, shortestScheduleSeconds: 0.1, logLevel: 'info' }

/** Nothing is started: the ticks are what matters, and there are many. */
const hold = (site: Site) => site.json('POST', '/v1/pauses', { kind: 'exec' })

const create = (site: Site, overlap: string, own = {}) =>
  site.json<ContractSchedule>('POST', '/v1/schedules', {
    everySeconds: everyMs / 1000,
    task: { kind: 'exec', input: { command: ['true'] } },
    overlap,
    catchUp: 'all',
    ...own,
  })

const show = (site: Site, id: string) => site.json<ShownSchedule>('GET', `/v1/schedules/${id}`)

async function tasksOf(site: Site, id: string, cursor = ''): Promise<Page['items']> {
  const query = `limit=100&label=${encodeURIComponent(`${scheduleLabel}:${id}`)}${cursor && `&cursor=${cursor}`}`
  const { items, nextCursor } = await site.json<Page>('GET', `/v1/tasks?${query}`)
  return nextCursor === null ? items : [...items, ...(await tasksOf(site, id, nextCursor))]
}

async function eventsOf(site: Site, task: string): Promise<readonly string[]> {
  const { items } = await site.json<{ items: readonly { type: string }[] }>('GET', `/v1/tasks/${task}/events`)
  return items.map(({ type }) => type)
}

/** One task for each tick from the first to the last, none of them left out, and the history says the same. */
async function expectOneTaskPerTick(site: Site, { id }: ContractSchedule, leastTicks: number): Promise<void> {
  const { history, createdAt } = await show(site, id)
  const tasks = await tasksOf(site, id)
  const ticks = tasks.map(({ labels }) => Date.parse(labels[tickLabel] ?? '')).sort((a, b) => a - b)
  const anchor = Date.parse(createdAt)
  expect(ticks).toEqual(ticks.map((_, index) => anchor + (index + 1) * everyMs))
  expect(ticks.length).toBeGreaterThanOrEqual(leastTicks)
  const taskOf = new Map(tasks.map((task) => [task.labels[tickLabel], task.id]))
  expect(history.map(({ outcome }) => outcome)).toEqual(history.map(() => 'fired'))
  for (const { tick, task } of history) expect(taskOf.get(tick ?? '')).toBe(task)
}

describe('a schedule whose server is killed with -9 at a named point', () => {
  it.each(FIRE_WAYPOINTS)(
    '%s: has one task for each tick, also of those that came meanwhile',
    { timeout: 60_000 },
    async (waypoint) => {
      const site = await Site.create(settings)
      orchestrator = site.start([killedAt, waypoint])
      await orchestrator.listening
      await hold(site)
      const schedule = await create(site, 'replace')
      await orchestrator.exited

      orchestrator = site.start()
      await orchestrator.listening
      await expect.poll(async () => (await tasksOf(site, schedule.id)).length).toBeGreaterThan(4)
      await site.json('POST', `/v1/schedules/${schedule.id}/pause`)
      await expectOneTaskPerTick(site, schedule, 5)
      // Its successor's commit says that a task is to end; that it has ended comes after that, on a busy machine much later.
      const [, ...replaced] = await tasksOf(site, schedule.id)
      for (const { id } of replaced) expect(await eventsOf(site, id)).toContain('task.cancelling')
      const states = async () => (await tasksOf(site, schedule.id)).map(({ state }) => state)
      await expect.poll(states).toEqual(['queued', ...replaced.map(() => 'cancelled')])
    },
  )
})

describe('schedules whose server is killed with -9 at random', () => {
  it('have one task for each tick, whatever became of the server', { timeout: 300_000 }, async () => {
    const site = await Site.create(settings)
    orchestrator = site.start()
    await orchestrator.listening
    await hold(site)
    const made = [
      await create(site, 'queue'),
      await create(site, 'replace'),
      await create(site, 'queue', { jitterSeconds: 1 }),
    ]
    const caughtUp = async ({ id }: ContractSchedule) => {
      const now = Date.now()
      const isCaughtUp = async () => Date.parse((await show(site, id)).nextAt ?? '') > now
      await expect.poll(isCaughtUp).toBe(true)
    }
    for (let kill = 0; kill < kills; kill++) {
      // In turns when everything has been fired, so that there is never more to catch up with than may be, and at once.
      if (kill % 2 === 0) await Promise.all(made.map(caughtUp))
      await setTimeout(Math.random() * latestMs)
      await orchestrator.kill()
      orchestrator = site.start()
      await orchestrator.listening
    }
    await Promise.all(made.map(caughtUp))
    for (const { id } of made) await site.json('POST', `/v1/schedules/${id}/pause`)
    for (const schedule of made) await expectOneTaskPerTick(site, schedule, kills)
  })

  it('skip while their task runs, through a kill too, and go on when it has ended', async () => {
    const site = await Site.create(settings)
    orchestrator = site.start()
    await orchestrator.listening
    const task = { kind: 'exec', input: { command: ['sleep', '2'] } }
    const { id } = await create(site, 'skip', { task, catchUp: 'latest' })
    const outcomes = async () => (await show(site, id)).history.map(({ outcome }) => outcome)
    await expect.poll(outcomes).toContain('skipped')
    await orchestrator.kill()
    orchestrator = site.start()
    await orchestrator.listening
    const fired = async () => (await outcomes()).filter((outcome) => outcome === 'fired').length
    await expect.poll(fired, { interval: 200 }).toBeGreaterThan(1)
    const states = (await tasksOf(site, id)).map(({ state }) => state)
    expect(states.filter((state) => state !== 'succeeded').length).toBeLessThan(2)
  })
})
