import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { STORE_WAYPOINTS } from '../../src/system/waypoint.ts'
import { kindsNamed } from './support/kinds.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))
const kinds = kindsNamed('storing')

let orchestrator: Orchestrator | undefined
afterEach(() => orchestrator?.kill())

describe('a task that stores a secret when the orchestrator is killed with -9', () => {
  it.each(STORE_WAYPOINTS)('at %s: stores it anew, and others are lent it', async (waypoint) => {
    const site = await Site.create({ kinds, sharedSlots: 2, maxLosses: 5 })
    orchestrator = site.start([killedAt, waypoint])
    await orchestrator.listening
    await site.json('PUT', '/v1/secrets/token', { value: 'correct-horse-battery' })
    const request = { kind: 'storing', input: { as: 'it' }, secrets: { token: 'token' } }
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
    const watcher = new Watcher(site, id)
    await orchestrator.exited

    orchestrator = site.start()
    await orchestrator.listening
    expect((await watcher.done).type).toBe('task.succeeded')
    const { items } = await site.json<{ items: Record<string, unknown>[] }>('GET', '/v1/audit')
    const puts = items.filter(({ action, actor }) => action === 'secret.put' && actor === id)
    const isTwice = waypoint === 'secret.stored'
    expect(puts.map(({ subject, detail }) => [subject, detail])).toEqual([
      ...(isTwice ? [['kept/it', { version: 2, attempt: 2 }]] : []),
      ['kept/it', isTwice ? { version: 1, attempt: 1 } : { version: 1, attempt: 2 }],
    ])
    const after = { kind: 'storing', input: { as: 'other' }, secrets: { token: 'kept/it' } }
    const { id: other } = await site.json<{ id: string }>('POST', '/v1/tasks', after)
    expect((await new Watcher(site, other).done).type).toBe('task.succeeded')
  })
})
