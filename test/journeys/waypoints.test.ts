import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { WAYPOINTS } from '../../src/system/waypoint.ts'
import { levels } from '../fixtures/levels.ts'
import { Diary } from './support/diary.ts'
import { type Orchestrator, Site } from './support/orchestrator.ts'
import { processesWith, usageNotesOf, workspacesOf } from './support/traces.ts'
import { Watcher } from './support/watcher.ts'

const killedAt = fileURLToPath(new URL('../fixtures/killed-at.ts', import.meta.url))

let orchestrator: Orchestrator | undefined

afterEach(() => orchestrator?.kill())

/** The highest that works here; with `npm run test:kill` the others too. */
const tried = process.env.MAYFLY_KILLS === undefined ? levels.slice(-1) : levels

/** Where what a task keeps is on its way; with `npm run test:kill` all. */
const ofKept: readonly (typeof WAYPOINTS)[number][] =
  process.env.MAYFLY_KILLS === undefined ? ['launch.lent', 'settle.wiped', 'settle.removed'] : WAYPOINTS

/** More than what a task has done by the time an orchestrator on a busy machine, having told it, comes to kill itself. */
const turns = 30

describe.each(tried)('an orchestrator that is killed with -9 at a named point, at level %i', (atMost) => {
  it.each(WAYPOINTS)('%s: goes on after a restart, as if nothing had been', async (waypoint) => {
    const diary = new Diary()
    const site = await Site.create({ isolation: { atMost }, mounts: [diary.directory], sharedSlots: 2, maxLosses: 5 })
    orchestrator = site.start([killedAt, waypoint])
    await orchestrator.listening
    expect(await site.level()).toBe(atMost)
    const request = { kind: 'exec', input: { command: diary.command('task', turns) } }
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
    const watcher = new Watcher(site, id)
    await orchestrator.exited

    orchestrator = site.start()
    await orchestrator.listening
    const last = await watcher.done

    expect(last.type).toBe('task.succeeded')
    expect(watcher.events.map((event) => event.seq)).toEqual(watcher.events.map((_, at) => at + 1))
    expect(diary.overlaps()).toEqual([])
    // Between the result and the commit that stores it lies the one window in which work is done again.
    const isDoneAgain = waypoint.startsWith('settle.') && !['settle.appended', 'settle.freed'].includes(waypoint)
    expect(diary.entries.filter((entry) => entry.who === 'end')).toHaveLength(isDoneAgain ? 2 : 1)
    expect(processesWith(diary.path)).toEqual([])
    await orchestrator.kill('SIGTERM')
    expect(workspacesOf(site.data)).toEqual([])
    expect(usageNotesOf(site.data)).toEqual([])
  })

  it.each(ofKept)('%s of its second attempt: leaves a task what it keeps', async (waypoint) => {
    const kinds = [fileURLToPath(new URL('../fixtures/children/files', import.meta.url))]
    const site = await Site.create({ isolation: { atMost }, kinds, maxLosses: 5 })
    orchestrator = site.start([killedAt, waypoint, '2'])
    await orchestrator.listening
    const request = { kind: 'remembers', input: { attempts: 2 } }
    const { id } = await site.json<{ id: string }>('POST', '/v1/tasks', request)
    const watcher = new Watcher(site, id)
    await orchestrator.exited

    orchestrator = site.start()
    await orchestrator.listening
    const { type, data } = await watcher.done

    expect(type).toBe('task.succeeded')
    expect((data.result as { texts: string[] }).texts[0]).toBe('1')
    await orchestrator.kill('SIGTERM')
    expect(workspacesOf(site.data)).toEqual([])
    expect(usageNotesOf(site.data)).toEqual([])
    expect(readdirSync(join(site.data, 'kept'))).toEqual([])
  })
})
