import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KeptDirectories } from '../../src/files/kept.ts'
import { UsageNotes } from '../../src/files/usage-notes.ts'
import { Workspaces } from '../../src/files/workspaces.ts'
import { cancelWanted } from '../../src/journal/moves.ts'
import { createRegistry } from '../../src/kinds/registry.ts'
import { thisMachine } from '../../src/process/machine.ts'
import { recover } from '../../src/recover/recover.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemLogger } from '../../src/system/logger.ts'
import { defaultSettlePolicy } from '../../src/task/settlement.ts'
import type { Task } from '../../src/task/task.ts'
import { claimMove, sampleEvent, sampleTask } from '../contracts/samples.ts'
import { journalOfEachTest } from '../journal/sqlite/fixture.ts'

const pool = 'normal'
const { registry } = createRegistry([
  { module: '/no/such/untidy.js', definition: { kind: 'untidy', pool, input: {}, cleanup: true } },
  { module: '/no/such/tidy.js', definition: { kind: 'tidy', pool, input: {} } },
])

describe('a task whose worker was lost before there was a record that it runs', () => {
  const held = journalOfEachTest()
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mayfly-recover-'))
  })

  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  /** As it is after the next start. */
  async function recovered(kind: string, lost: { readonly isBorn?: boolean; readonly isCancelled?: boolean } = {}) {
    const { isBorn = true, isCancelled = false } = lost
    const { journal } = held
    const task = sampleTask({ kind })
    const { opens, ...claim } = claimMove(task)
    await journal.add(task, sampleEvent())
    await journal.move({ ...claim, ...(opens && { opens: isBorn ? opens : { ...opens, process: null } }) })
    if (isCancelled) await journal.move(cancelWanted({ ...task, attempt: 1 }, 'enough', Date.now()))
    await recover(await journal.open(), [], {
      journal,
      registry,
      workspaces: new Workspaces(join(directory, 'workspaces')),
      kept: new KeptDirectories(join(directory, 'kept')),
      usageNotes: new UsageNotes(join(directory, 'usage')),
      machine: thisMachine(),
      clock: systemClock,
      logger: systemLogger('silent'),
      random: () => 0.5,
      policy: defaultSettlePolicy,
      recoverDeadlineMs: 5_000,
    })
    return (await journal.task(task.tenant, task.id)) as Task
  }

  it('may have begun what its cleanup undoes, whenever it ends', async () => {
    const task = await recovered('untidy')
    expect(task).toMatchObject({ state: 'queued', cleaning: null, losses: 0 })
    expect(task.startedAt).not.toBeNull()
  })

  it('is cleaned up at once, where it had been cancelled', async () => {
    expect(await recovered('untidy', { isCancelled: true })).toMatchObject({ state: 'queued', cleaning: 'cancelled' })
    expect(await recovered('tidy', { isCancelled: true })).toMatchObject({ state: 'cancelled', cleaning: null })
  })

  it('has begun nothing, where no process could be started for it, or it has no cleanup that would ask', async () => {
    expect(await recovered('untidy', { isBorn: false })).toMatchObject({ state: 'queued', startedAt: null })
    expect(await recovered('tidy')).toMatchObject({ state: 'queued', startedAt: null })
  })

  it('has nothing on record of what it used, rather than nothing used', async () => {
    const { id } = await recovered('tidy')
    expect(await held.journal.attempts(id)).toMatchObject([{ number: 1, outcome: 'interrupted', usage: null }])
  })
})
