import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Backlog } from '../../../src/journal/sqlite/backlog.ts'
import { Commits } from '../../../src/journal/sqlite/commits.ts'
import { establish } from '../../../src/journal/sqlite/instance.ts'
import { migrations } from '../../../src/journal/sqlite/migrations/migrations.ts'
import { newRows } from '../../../src/journal/sqlite/operation.ts'
import { Reserve } from '../../../src/journal/sqlite/reserve.ts'
import { Space } from '../../../src/journal/sqlite/space.ts'
import { Writer } from '../../../src/journal/sqlite/threads.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemLogger } from '../../../src/system/logger.ts'
import { sampleEvent, sampleTask } from '../../contracts/samples.ts'
import { temporaryDirectory } from './fixture.ts'

const longerThanTheThreadWaitsMs = 1_200

const logger = systemLogger('silent')

describe('commits', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let writer: Writer
  let backlog: Backlog

  beforeEach(() => {
    place = temporaryDirectory()
    establish(place.files, migrations, clock)
    const boot = { node: null, pid: 1, startedAt: 0 }
    writer = new Writer({ database: place.files.database, boot, maxTaskEvents: 100_000 }, () => {})
    backlog = new Backlog(1024)
  })
  afterEach(async () => {
    await writer.destroy()
    place.remove()
  })

  function make(limits = { batchLimitOperations: 10, batchLimitBytes: 10_000 }): Commits {
    const reserve = new Reserve(place.files.reserve, 0)
    const space = new Space({ reserve, clock, logger, probeEveryMs: 1000 })
    return new Commits({ writer, space, backlog, clock, logger, ...limits })
  }
  function add(commits: Commits, input = '', canLinger = false): Promise<unknown> {
    const task = sampleTask({ input })
    const about = { task: task.id, tenant: task.tenant, events: [sampleEvent()], canWait: true, canLinger }
    return new Promise((resolve, reject) => {
      const operation = newRows(task, sampleEvent())
      commits.write({ operation, bytes: 100 + input.length, ...about, resolve, reject })
    })
  }

  /** Has the database locked until what it returns is closed. */
  async function lock(): Promise<DatabaseSync> {
    await writer.ready()
    const stranger = new DatabaseSync(place.files.database)
    stranger.exec('BEGIN IMMEDIATE')
    return stranger
  }

  test('come in groups: no more operations or bytes at once than allowed, and one at least', async () => {
    const commits = make()
    const groups: number[] = []
    commits.onCommit((events) => groups.push(events.length))
    await Promise.all(Array.from({ length: 25 }, () => add(commits)))
    expect(groups).toEqual([10, 10, 5])
    groups.length = 0
    await Promise.all([6_000, 6_000, 20_000, 10].map((bytes) => add(commits, 'x'.repeat(bytes))))
    expect(groups).toEqual([1, 1, 1, 1])
  })

  test('let what nobody waits for share the commit of what somebody does', async () => {
    const commits = make()
    const groups: number[] = []
    commits.onCommit((events) => groups.push(events.length))
    const lingering = [add(commits, '', true), add(commits, '', true)]
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    expect(groups).toEqual([])
    await Promise.all([add(commits), ...lingering])
    expect(groups).toEqual([3])
  })

  test('write what lingers soon by itself, and at once when they close', async () => {
    const commits = make()
    await add(commits, '', true)
    const last = add(commits, '', true)
    await commits.close()
    await last
    expect(backlog.bytes).toBe(0)
  })

  test('do not wait for those under way, and share their commits', async () => {
    const commits = make()
    const sent = vi.spyOn(writer, 'commit')
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const stranger = await lock()
    const adding = [add(commits)]
    await turn()
    adding.push(add(commits), add(commits))
    await turn()
    expect(sent.mock.calls.map(([batch]) => batch.length)).toEqual([1, 2])
    stranger.close()
    await Promise.all(adding)
  })

  test('keep their order behind an obstacle that several of them meet', async () => {
    const commits = make()
    const landed: number[] = []
    const stranger = await lock()
    const all = [1, 2, 3].map(async (turns) => {
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
      await add(commits)
      landed.push(turns)
    })
    await new Promise((resolve) => setTimeout(resolve, longerThanTheThreadWaitsMs))
    expect(landed).toEqual([])
    stranger.close()
    await Promise.all(all)
    expect([landed, backlog.bytes]).toEqual([[1, 2, 3], 0])
    await commits.close()
  })

  test('end for good with the thread that writes: nothing is promised after that', async () => {
    const commits = make()
    await add(commits)
    const adding = Promise.allSettled([add(commits), add(commits)])
    await writer.destroy()
    const results = [...(await adding), ...(await Promise.allSettled([add(commits)]))]
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'JournalUnusable' } })
      expect(`${(result as PromiseRejectedResult).reason}`).toContain('restart Mayfly')
    }
    expect([commits.failed, backlog.bytes]).toEqual([true, 0])
    await commits.close()
  })
})
