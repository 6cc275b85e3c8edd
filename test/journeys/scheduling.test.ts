import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, it } from 'vitest'
import type { ContractEvent, ContractEventPage } from '../../src/contract/event.ts'
import type { Stats } from '../../src/contract/stats.ts'
import type { ContractTask } from '../../src/contract/task.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'
import { Diary } from './support/diary.ts'
import { kindsNamed } from './support/kinds.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { processesWith, workspacesOf } from './support/traces.ts'

const tenants = ['acme', 'globex', 'initech']
const settings = {
  kinds: kindsNamed('counting'),
  criticalSlots: 1,
  sharedSlots: 3,
  preemption: { exemptSeconds: 0.2, most: 2 },
  pools: { batch: { share: 1 } },
  maxLosses: 100,
  askGraceSeconds: 1,
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

/** Everything of all tenants. */
class Books {
  readonly #site: Site

  constructor(site: Site) {
    this.#site = site
  }

  async submit(tenant: string, pool: Pool, input: object): Promise<ContractTask> {
    const answer = await this.#site.request('POST', '/v1/tasks', { kind: 'counting', pool, input }, actingFor(tenant))
    expect(answer.status).toBe(202)
    return (await answer.json()) as ContractTask
  }

  async tasks(): Promise<ContractTask[]> {
    const pages = tenants.map(async (tenant) => {
      const page = await this.#site.request('GET', '/v1/tasks?limit=100', undefined, actingFor(tenant))
      return ((await page.json()) as { items: ContractTask[] }).items
    })
    return (await Promise.all(pages)).flat()
  }

  async events({ tenant, id }: ContractTask): Promise<readonly ContractEvent[]> {
    const path = `/v1/tasks/${id}/events?limit=1000`
    const page = await this.#site.request('GET', path, undefined, actingFor(tenant))
    return ((await page.json()) as ContractEventPage).items
  }

  stats(): Promise<Stats> {
    return this.#site.json('GET', '/v1/stats')
  }

  /** What the counters say of each pool, and what the rows do. */
  async balance() {
    const [{ pools }, tasks] = await Promise.all([this.stats(), this.tasks()])
    const counted = pools.map(({ pool, queued, busy }) => ({ pool, queued, busy }))
    const rows = POOLS.map((pool) => {
      const own = tasks.filter((task) => task.pool === pool).map(({ state }) => state)
      const queued = own.filter((state) => state === 'queued').length
      return { pool, queued, busy: own.filter((state) => ['starting', 'running', 'settling'].includes(state)).length }
    })
    return { counted, rows }
  }

  async balances(): Promise<boolean> {
    const { counted, rows } = await this.balance()
    return JSON.stringify(counted) === JSON.stringify(rows)
  }
}

const actingFor = (tenant: string) => ({ 'mayfly-tenant': tenant })

it('three tenants fight for slots in three pools through a kill -9, and in the end the books balance', {
  timeout: 180_000,
}, async () => {
  const diary = new Diary()
  const site = await Site.create({ ...settings, mounts: [diary.directory] })
  orchestrator = site.start()
  await orchestrator.listening
  const books = new Books(site)
  for (const name of tenants) await site.json('POST', '/v1/tenants', { name })
  const submitAll = (pool: Pool, count: number, steps: number) =>
    Promise.all(
      tenants.flatMap((tenant) =>
        Array.from({ length: count }, () => books.submit(tenant, pool, { diary: diary.path, steps })),
      ),
    )
  const states = async () => (await books.tasks()).map(({ state }) => state)
  const preempted = async () => (await books.tasks()).filter(({ preemptions }) => preemptions > 0)
  const soon = { timeout: 60_000, interval: 100 }

  await submitAll('batch', 3, 20)
  await expect.poll(async () => (await books.stats()).pools.find(({ pool }) => pool === 'batch')?.busy, soon).toBe(3)
  await expect.poll(async () => diary.entries.length, soon).toBeGreaterThan(6)
  await submitAll('normal', 1, 10)
  await submitAll('critical', 1, 10)
  await expect.poll(preempted, soon).not.toEqual([])
  await expect.poll(() => books.balances(), soon).toBe(true)
  await orchestrator.kill()

  orchestrator = site.start()
  await orchestrator.listening
  await submitAll('critical', 1, 5)
  await expect.poll(() => books.balances(), soon).toBe(true)
  await expect
    .poll(async () => (await states()).every((state) => state === 'succeeded'), { ...soon, timeout: 120_000 })
    .toBe(true)

  const tasks = await books.tasks()
  expect(tasks).toHaveLength(3 * 6)
  expect(diary.overlaps()).toEqual([])
  const displaced = tasks.filter(({ preemptions }) => preemptions > 0)
  expect(displaced.length).toBeGreaterThan(0)
  for (const task of displaced) {
    expect(task.pool).toBe('batch')
    expect(task.preemptions).toBeLessThanOrEqual(2)
    const events = await books.events(task)
    const made = events.filter(({ type }) => type === 'task.preempting')
    expect(made.length).toBeGreaterThanOrEqual(task.preemptions)
    for (const { data } of made) expect(data).toMatchObject({ reason: expect.any(String), by: expect.any(String) })
  }
  // At least whoever had saved how far it was went on from there.
  expect(Math.max(...displaced.map(({ result }) => (result as { begun: number }).begun))).toBeGreaterThan(0)
  const known = new Map(tasks.map((task) => [task.id, task]))
  for (const task of tasks) {
    const events = await books.events(task)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
    for (const { data } of events.filter(({ type }) => type === 'task.starting')) {
      expect(data.reason).toEqual(expect.any(String))
      for (const other of (data.preempted ?? []) as string[]) {
        if (other !== 'a task of another tenant')
          expect(known.get(other)).toMatchObject({ tenant: task.tenant, pool: 'batch' })
      }
    }
  }
  // Nothing of it was counted against anybody.
  const db = new DatabaseSync(`${site.data}/journal.db`, { readOnly: true })
  expect(db.prepare('SELECT sum(failures) + sum(start_failures) AS counted FROM task').get()).toEqual({ counted: 0 })
  db.close()

  expect(await books.balance()).toMatchObject({ counted: POOLS.map((pool) => ({ pool, queued: 0, busy: 0 })) })
  for (const { slots, free } of (await books.stats()).pools) expect(free).toBe(slots)
  expect(processesWith(diary.path)).toEqual([])
  await orchestrator.kill('SIGTERM')
  expect(workspacesOf(site.data)).toEqual([])
})
