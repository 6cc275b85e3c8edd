import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ContractTask } from '../../src/contract/task.ts'
import type { Waypoint } from '../../src/system/waypoint.ts'
import { startMayfly, type TestMayfly } from '../fixtures/mayfly.ts'
import { untilOneStandsBy } from '../fixtures/standing.ts'

const ask = { kind: 'exec', input: { command: ['true'] } } as const

let mayfly: TestMayfly

afterEach(() => mayfly.remove())

/** What was on disk when the waypoint was passed. */
let seen: Partial<Record<Waypoint, unknown>> = {}

async function start(passed = (_waypoint: Waypoint) => {}): Promise<void> {
  seen = {}
  mayfly = await startMayfly({
    config: { standby: 2, sharedSlots: 2 },
    hooks: {
      witness: (waypoint, id) => {
        seen[waypoint] = stateOnDisk(id)
        passed(waypoint)
      },
    },
  })
  await mayfly.run(ask)
  await stands()
}

function stateOnDisk(id: string): unknown {
  const db = new DatabaseSync(`${mayfly.data}/journal.db`, { readOnly: true, timeout: 5_000 })
  try {
    return db.prepare('SELECT state FROM task WHERE id = ?').get(id)?.state
  } finally {
    db.close()
  }
}

const stands = () => untilOneStandsBy(mayfly)

describe('a task for which a worker stands by', () => {
  it('is added and claimed in one commit, and told to the worker after it', async () => {
    await start()
    const task = await mayfly.run(ask)
    expect(task).toMatchObject({ state: 'succeeded', attempt: 1 })
    expect(seen).toMatchObject({ 'launch.born': undefined, 'launch.claimed': 'starting', 'launch.told': 'starting' })
    const types = (await mayfly.events(task.id)).map(({ type }) => type)
    expect(types.slice(0, 3)).toEqual(['task.queued', 'task.starting', 'task.started'])
  })

  it('is told to the worker before the client is answered', async () => {
    let latest: ServerResponse | undefined
    let wasAnswered: boolean | undefined
    const keep = (message: unknown) => {
      latest = (message as { readonly response: ServerResponse }).response
    }
    await start((waypoint) => {
      if (waypoint === 'launch.told') wasAnswered = latest?.headersSent
    })
    subscribe('http.server.request.start', keep)
    try {
      const { id } = await mayfly.submit(ask)
      expect(wasAnswered).toBe(false)
      await mayfly.settled(id)
    } finally {
      unsubscribe('http.server.request.start', keep)
    }
  })

  it('is told to the worker before anything that watches it begins', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const isWatched = () => timers.mock.calls.some(([, ms = 0]) => ms > 1_233_000 && ms <= 1_234_000)
    let wasWatched: boolean | undefined
    try {
      await start((waypoint) => {
        if (waypoint === 'launch.told') wasWatched = isWatched()
      })
      await mayfly.run({ ...ask, limits: { runSeconds: 1_234 } })
      expect(wasWatched).toBe(false)
      expect(isWatched()).toBe(true)
    } finally {
      timers.mockRestore()
    }
  })

  it('waits for its commit when none stands by', async () => {
    await start()
    await Promise.all(Array.from({ length: 3 }, () => mayfly.submit(ask))).then((all) =>
      Promise.all(all.map(({ id }) => mayfly.settled(id))),
    )
    const { id } = await mayfly.submit({ ...ask, limits: { memoryMiB: 333 } })
    await mayfly.settled(id)
    expect(seen['launch.born']).toBe('queued')
  })

  it('is run once when it is asked for twice with one key', async () => {
    await start()
    const headers = {
      authorization: `Bearer ${mayfly.token}`,
      'content-type': 'application/json',
      'idempotency-key': 'k',
    }
    const submit = async () =>
      (await (
        await fetch(`${mayfly.url}/v1/tasks`, { method: 'POST', headers, body: JSON.stringify(ask) })
      ).json()) as ContractTask
    const [first, second] = await Promise.all([submit(), submit()])
    expect(first?.id).toBe(second?.id)
    expect(await mayfly.settled(first?.id ?? '')).toMatchObject({ state: 'succeeded', attempt: 1 })
    await stands()
    expect((await submit()).id).toBe(first?.id)
    await stands()
    expect(await mayfly.run(ask)).toMatchObject({ state: 'succeeded', attempt: 1 })
  })
})
