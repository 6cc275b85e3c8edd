import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { type Answer, submitUntilAnswered } from './support/persistent.ts'

/** More on a machine of one's own: MAYFLY_KILLS=500 npm test -- idempotency. */
const kills = Math.ceil(Number(process.env.MAYFLY_KILLS ?? 50) / 5)
const keysOfARound = 12
const latestMs = 40

interface Page {
  readonly items: readonly { readonly id: string; readonly state: string; readonly labels: { readonly key: string } }[]
  readonly nextCursor: string | null
}

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

it('a submission that is sent again with its key, at once and across kill -9, ends with exactly one task', {
  timeout: 300_000,
}, async () => {
  const site = await Site.create({ sharedSlots: 4, maxLosses: 1_000, logLevel: 'info' })
  orchestrator = site.start()
  const answering: Promise<Answer>[] = []
  for (let kill = 0; kill < kills; kill++) {
    await orchestrator.listening
    const round = Array.from({ length: keysOfARound }, (_, number) => twins(site, `${kill}-${number}`)).flat()
    answering.push(...round)
    // In turns as soon as one is answered, when others are committed whose answer is still to come, and at random.
    if (kill % 2 === 0) await Promise.race(round)
    else await setTimeout(Math.random() * latestMs)
    await orchestrator.kill()
    orchestrator = site.start()
  }
  await orchestrator.listening
  const answers = await Promise.all(answering)

  const listed = await list(site)
  const tasks = new Map(listed.map(({ id, labels }) => [labels.key, id]))
  expect([listed.length, tasks.size]).toEqual([kills * keysOfARound, kills * keysOfARound])
  for (const [key, both] of Map.groupBy(answers, ({ key }) => key)) {
    expect(both.map(({ id }) => id)).toEqual([tasks.get(key), tasks.get(key)])
    expect(both.filter(({ status }) => status !== 200).map(({ status }) => status)).toBeOneOf([[], [202]])
  }
  const isDone = async () => (await list(site)).every(({ state }) => state === 'succeeded')
  await expect.poll(isDone, { interval: 200 }).toBe(true)
})

it('a key whose answer was lost with the orchestrator leads to its task in the next, and still conflicts', async () => {
  const site = await Site.create({ sharedSlots: 2 })
  orchestrator = site.start()
  await orchestrator.listening
  const request = { kind: 'exec', input: { command: ['true'] } }
  const unread = submitUntilAnswered(site, 'k', request)
  await expect.poll(() => list(site), { interval: 5 }).toHaveLength(1)
  await orchestrator.kill()
  orchestrator = site.start()
  await orchestrator.listening
  const again = await submitUntilAnswered(site, 'k', { input: request.input, kind: 'exec' })
  const tasks = await list(site)
  expect(tasks.map(({ id }) => id)).toEqual([again.id])
  expect([again.status, (await unread).id]).toEqual([200, again.id])
  const other = await site.request('POST', '/v1/tasks', { ...request, priority: 1 }, { 'idempotency-key': 'k' })
  expect([other.status, await other.json()]).toMatchObject([409, { code: 'CONFLICT' }])
})

it('a batch is on disk whole or not at all: killed with -9 at the first sight of it, and sent again, it is one', async () => {
  const site = await Site.create({ sharedSlots: 2 })
  orchestrator = site.start()
  await orchestrator.listening
  const keys = Array.from({ length: 1000 }, (_, number) => `k${number}`)
  const ask = { kind: 'exec', input: { command: ['true'] }, notBefore: '2100-01-01T00:00:00Z' }
  const tasks = keys.map((key) => ({ ...ask, labels: { key }, idempotencyKey: key }))
  const send = () => site.request('POST', '/v1/tasks/batch', { tasks })
  const unread = send().catch(() => undefined)
  // A reader of its own, beside the server: it sees what a power cut would have left.
  const journal = new DatabaseSync(join(site.data, 'journal.db'), { readOnly: true })
  const count = () => Number(journal.prepare('SELECT count(*) AS tasks FROM task').get()?.tasks)
  while (count() === 0) await setImmediate()
  await orchestrator.kill()
  expect(count()).toBe(keys.length)
  journal.close()
  await unread
  orchestrator = site.start()
  await orchestrator.listening
  const { items } = (await (await send()).json()) as { items: { status: number; task: { id: string } }[] }
  expect(new Set(items.map(({ status }) => status))).toEqual(new Set([200]))
  const found = await list(site)
  expect(found.map(({ labels }) => labels.key).sort()).toEqual(keys.toSorted())
  expect(new Set(items.map(({ task }) => task.id))).toEqual(new Set(found.map(({ id }) => id)))
})

/** A submission and its hasty repetition. */
function twins(site: Site, key: string): Promise<Answer>[] {
  const request = { kind: 'exec', input: { command: ['true'] }, labels: { key } }
  return [submitUntilAnswered(site, key, request), submitUntilAnswered(site, key, request)]
}

async function list(site: Site, cursor = ''): Promise<Page['items']> {
  const { items, nextCursor } = await site.json<Page>('GET', `/v1/tasks?limit=100${cursor && `&cursor=${cursor}`}`)
  return nextCursor === null ? items : [...items, ...(await list(site, nextCursor))]
}
