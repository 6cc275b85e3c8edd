import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ContractTask } from '../../src/contract/task.ts'
import type { OnConflict } from '../../src/task/conflict.ts'
import { type Ask, children, startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'

let mayfly: TestMayfly

beforeEach(async () => {
  mayfly = await startMayfly({ config: { kinds: [children('common'), children('cleanups')], sharedSlots: 4 } })
})

afterEach(() => mayfly.remove())

const onOrg = (kind: string, onConflict: OnConflict, more: Partial<Ask> = {}): Ask => ({
  kind,
  concurrency: { key: 'org', onConflict },
  ...more,
})

describe('a task of a full concurrency key', () => {
  it('is answered with 409 if it wants to be rejected, and runs when the key has room', async () => {
    const { id } = await mayfly.submit(onOrg('wait', 'queue'))
    const answer = await mayfly.call('POST', '/tasks', { input: {}, ...onOrg('succeed', 'reject') })
    expect([answer.status, await answer.json()]).toMatchObject([
      409,
      {
        code: 'CONFLICT',
        detail: 'as many tasks of this concurrency key wait or run as its limit says: wait for one of them',
      },
    ])
    expect((await mayfly.get<{ items: ContractTask[] }>('/tasks')).items).toHaveLength(1)
    await mayfly.untilText(id, 'waiting')
    await mayfly.cancel(id)
    await mayfly.settled(id)
    expect(await mayfly.run(onOrg('succeed', 'reject'))).toMatchObject({
      state: 'succeeded',
      concurrency: { key: 'org', limit: 1, onConflict: 'reject' },
    })
  })

  it('takes the place of those that wait, and waits for the one that runs', async () => {
    const runs = await mayfly.submit(onOrg('wait', 'queue'))
    await mayfly.untilText(runs.id, 'waiting')
    const waits = await Promise.all([1, 2, 3].map(() => mayfly.submit(onOrg('succeed', 'queue'))))
    const later = await mayfly.submit(
      onOrg('succeed', 'queue', { notBefore: new Date(Date.now() + 3_600_000).toISOString() }),
    )
    const last = await mayfly.submit(onOrg('succeed', 'cancel-queued'))
    for (const { id } of [...waits, later]) {
      const message = `task ${last.id} of the same concurrency key came after it`
      expect(await mayfly.settled(id)).toMatchObject({ state: 'cancelled', attempt: 0, error: { message } })
    }
    expect(await mayfly.task(runs.id)).toMatchObject({ state: 'running' })
    expect(await mayfly.task(last.id)).toMatchObject({ state: 'queued' })
    await mayfly.cancel(runs.id)
    expect(await mayfly.settled(last.id)).toMatchObject({ state: 'succeeded' })
  })

  it('takes the place of the one that runs, which hears why, once', async () => {
    const runs = await mayfly.submit(onOrg('wait', 'queue'))
    await mayfly.untilText(runs.id, 'waiting')
    const last = await mayfly.submit(onOrg('succeed', 'cancel-running'))
    expect(await mayfly.settled(runs.id)).toMatchObject({ state: 'cancelled', attempt: 1 })
    expect(await mayfly.texts(runs.id, 'log')).toContain(
      `asked: cancelled: task ${last.id} of the same concurrency key came after it`,
    )
    const wishes = (await mayfly.events(runs.id)).filter(({ type }) => type === 'task.cancelling')
    expect(wishes).toHaveLength(1)
    expect(await mayfly.settled(last.id)).toMatchObject({ state: 'succeeded' })
  })

  it('is the last of a batch that all want that', async () => {
    const requests = Array.from({ length: 20 }, () => ({ input: {}, ...onOrg('succeed', 'cancel-running') }))
    const answer = await mayfly.call('POST', '/tasks/batch', { tasks: requests })
    const { items } = (await answer.json()) as { items: { task: ContractTask }[] }
    const all = await Promise.all(items.map(({ task }) => mayfly.settled(task.id)))
    expect(all.at(-1)?.state).toBe('succeeded')
    expect(all.slice(0, -1).every(({ state }) => state === 'cancelled' || state === 'succeeded')).toBe(true)
    expect(all.filter(({ state }) => state === 'cancelled').length).toBeGreaterThan(0)
  })

  it('finds those as well that only the journal has', async () => {
    const blocker = await mayfly.submit(onOrg('wait', 'queue'))
    const requests = Array.from({ length: 200 }, () => ({ input: {}, ...onOrg('succeed', 'queue') }))
    const answer = await mayfly.call('POST', '/tasks/batch', { tasks: requests })
    const { items } = (await answer.json()) as { items: { task: ContractTask }[] }
    const last = await mayfly.submit(onOrg('succeed', 'cancel-queued'))
    for (const { task } of items) expect((await mayfly.settled(task.id)).state).toBe('cancelled')
    const stats = await mayfly.get<{ pools: { pool: string; queued: number }[] }>('/stats')
    expect(stats.pools.find(({ pool }) => pool === 'normal')?.queued).toBe(1)
    await mayfly.cancel(blocker.id)
    expect(await mayfly.settled(last.id)).toMatchObject({ state: 'succeeded' })
  })
})
