import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { children, startMayfly, type TestMayfly } from './fixtures/mayfly.ts'

const oneSlot = {
  kinds: [children('common')],
  sharedSlots: 1,
  criticalSlots: 0,
  preemption: { exemptSeconds: 0, most: 1 },
}

let mayfly: TestMayfly

afterEach(() => mayfly.remove())

const first = async (id: string, type: string, after = 0) =>
  (await mayfly.events(id)).find((event) => event.type === type && event.seq > after)?.data

describe('a task for which another makes room', () => {
  beforeEach(async () => {
    mayfly = await startMayfly({ config: oneSlot })
  })

  it('starts in its place; both logs say so, and the other goes on after it', async () => {
    const victim = await mayfly.submit({ kind: 'wait', pool: 'batch' })
    await mayfly.untilText(victim.id, 'waiting in attempt 1')
    const task = await mayfly.run({ kind: 'succeed', pool: 'critical' })
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1, preemptions: 0 })
    expect(await first(task.id, 'task.starting')).toMatchObject({
      reason: 'it was due and found no room, so others were ended for it; a shared slot is free',
      waitedSeconds: expect.any(Number),
      preempted: [victim.id],
    })
    expect(await first(victim.id, 'task.preempting')).toEqual({
      reason: 'a critical task was due and found no room',
      by: task.id,
    })
    await mayfly.untilText(victim.id, 'waiting in attempt 2')
    expect(await first(victim.id, 'task.requeued')).toMatchObject({ cause: 'preempted' })
    expect(await mayfly.task(victim.id)).toMatchObject({ state: 'running', attempt: 2, preemptions: 1 })
    expect(mayfly.counts(victim.id)).toEqual({ failures: 0, startFailures: 0, losses: 0 })
    await mayfly.cancel(victim.id)
    await mayfly.settled(victim.id)
  })

  it('waits when the other has made room as often as may be', async () => {
    const victim = await mayfly.submit({ kind: 'wait', pool: 'batch' })
    await mayfly.untilText(victim.id, 'waiting in attempt 1')
    await mayfly.run({ kind: 'succeed' })
    await mayfly.untilText(victim.id, 'waiting in attempt 2')
    const behind = await mayfly.submit({ kind: 'succeed', pool: 'critical' })
    await mayfly.cancel(victim.id)
    expect(await mayfly.settled(victim.id)).toMatchObject({ attempt: 2, preemptions: 1 })
    expect(await mayfly.settled(behind.id)).toMatchObject({ state: 'succeeded' })
    expect(await first(behind.id, 'task.starting')).not.toHaveProperty('preempted')
  })

  it('is not named to another tenant, nor is the other to it', async () => {
    await mayfly.call('POST', '/tenants', { name: 'globex' })
    const made = await mayfly.call('POST', '/tokens', { tenant: 'globex', role: 'tenant', pools: ['batch'] })
    const { token } = (await made.json()) as { token: string }
    const own = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ kind: 'wait', input: {}, pool: 'batch' })
    const answer = await fetch(`${mayfly.url}/v1/tasks`, { method: 'POST', headers: own, body })
    const { id } = (await answer.json()) as { id: string }
    const eventsOf = async () => {
      const page = await fetch(`${mayfly.url}/v1/tasks/${id}/events?after=0`, { headers: own })
      return ((await page.json()) as { items: { type: string; data: Record<string, unknown> }[] }).items
    }
    await expect.poll(async () => JSON.stringify(await eventsOf())).toContain('waiting in attempt 1')
    const task = await mayfly.run({ kind: 'succeed' })
    expect(await first(task.id, 'task.starting')).toMatchObject({ preempted: ['a task of another tenant'] })
    const events = await eventsOf()
    expect(events.find(({ type }) => type === 'task.preempting')?.data.by).toBe('a task of another tenant')
    expect(JSON.stringify(events)).not.toContain(task.id)
    await fetch(`${mayfly.url}/v1/tasks/${id}/cancel`, { method: 'POST', headers: own, body: '{}' })
  })

  it('that is cancelled before it starts leaves the room to whoever waits', async () => {
    const victim = await mayfly.submit({ kind: 'wait', pool: 'batch' })
    await mayfly.untilText(victim.id, 'waiting in attempt 1')
    const { id } = await mayfly.submit({ kind: 'wait', pool: 'critical' })
    await mayfly.untilType(victim.id, 'task.preempting')
    await mayfly.cancel(id)
    expect((await mayfly.settled(id)).state).toBe('cancelled')
    await mayfly.untilText(victim.id, 'waiting in attempt 2')
    await mayfly.cancel(victim.id)
    await mayfly.settled(victim.id)
  })
})
