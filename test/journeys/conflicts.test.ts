import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { SUBMIT_WAYPOINT } from '../../src/system/waypoint.ts'
import { children } from '../fixtures/mayfly.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

it('a task takes the place of others, though the orchestrator is killed with -9 before it could cancel them', {
  timeout: 120_000,
}, async () => {
  const site = await Site.create({ kinds: [children('common')], sharedSlots: 2, maxLosses: 5 })
  orchestrator = site.start([killedAt, SUBMIT_WAYPOINT])
  await orchestrator.listening
  const submit = async (kind: string, onConflict: string) => {
    const request = { kind, input: {}, concurrency: { key: 'org', onConflict } }
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
    return new Watcher(site, id)
  }
  const runs = await submit('wait', 'queue')
  await expect.poll(() => runs.events.map(({ type }) => type)).toContain('task.started')
  const waits = await submit('succeed', 'queue')
  // Its answer never comes: the server is gone.
  await submit('succeed', 'cancel-running').catch(() => {})
  await orchestrator.exited

  orchestrator = site.start()
  await orchestrator.listening
  expect([(await runs.done).type, (await waits.done).type]).toEqual(['task.cancelled', 'task.cancelled'])
  for (const { events } of [runs, waits]) {
    expect(events.filter(({ type }) => type === 'task.cancelling')).toHaveLength(1)
  }
  const { items } = await site.json<{ items: { id: string; state: string }[] }>('GET', '/v1/tasks')
  expect(items).toHaveLength(3)
  const [last] = items
  expect((await new Watcher(site, last?.id ?? '').done).type).toBe('task.succeeded')
})
