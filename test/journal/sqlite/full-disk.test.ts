import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../../src/journal/audit.ts'
import type { Journal } from '../../../src/journal/journal.ts'
import { filesIn } from '../../../src/journal/sqlite/files.ts'
import { noQuotas as quotas } from '../../../src/journal/tenants.ts'
import type { TaskEvent } from '../../../src/task/task.ts'
import {
  claimMove,
  runMove,
  sampleEntry,
  sampleEvent,
  sampleTask,
  sampleToken,
  settlingMove,
  succeedMove,
} from '../../contracts/samples.ts'
import { bell, openIn } from './fixture.ts'

const diskMiB = 8
const limits = { reserveMiB: 1 }
const input = 'x'.repeat(64 * 1024)

function mountDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'tmpfs', directory], { stdio: 'ignore' })
    return directory
  } catch {
    rmdirSync(directory)
    return undefined
  }
}

const probe = mountDisk()
if (probe) unmount(probe)
else process.stdout.write('Skipped: a full disk needs the right to mount one (root).\n')

function unmount(directory: string): void {
  execFileSync('umount', ['-l', directory])
  rmdirSync(directory)
}

describe.skipIf(!probe)('a disk that is full', () => {
  let disk: string
  let journal: Journal
  let clock: ReturnType<typeof bell>
  let turns: boolean[]
  let published: TaskEvent[]

  beforeEach(async () => {
    disk = mountDisk() ?? ''
    clock = bell()
    await reopen()
  })
  afterEach(async () => {
    await journal.close()
    unmount(disk)
  })

  async function reopen(): Promise<void> {
    turns = []
    published = []
    journal = await openIn(join(disk, 'data'), limits, clock.clock)
    journal.onFull((full) => turns.push(full))
    journal.onCommit((events) => published.push(...events))
  }
  /** Adds until the journal refuses; the ids that it accepted, and what it said in the end. */
  async function addUntilFull() {
    const accepted: string[] = []
    for (;;) {
      const task = sampleTask({ input })
      const [result] = await Promise.allSettled([journal.add(task, sampleEvent())])
      if (result.status === 'rejected') return { accepted, refusal: result.reason }
      accepted.push(task.id)
    }
  }
  async function running(): Promise<string> {
    const task = sampleTask()
    await journal.add(task, sampleEvent())
    await journal.move(claimMove(task))
    await journal.move(runMove(task.id, 1))
    return task.id
  }
  /** Takes the last byte of the disk. */
  function fillUp(): void {
    const file = openSync(join(disk, 'ballast'), 'a')
    try {
      for (;;) writeSync(file, Buffer.alloc(4096))
    } catch {
      closeSync(file)
    }
  }
  const freeUp = () => rmSync(join(disk, 'ballast'), { force: true })
  const ringOnce = () => {
    clock.ring()
    return new Promise(setImmediate)
  }
  const ringUntil = async (reached: () => boolean) => {
    while (!reached()) await ringOnce()
  }

  test('refuses what can wait and still takes how a task ends', async () => {
    const id = await running()
    const { refusal } = await addUntilFull()
    expect(refusal).toMatchObject({ name: 'Refusal', code: 'STORE_FULL' })
    expect(turns).toEqual([true])
    await journal.move(settlingMove(id, 1))
    expect(await journal.move(succeedMove(id, 1))).toMatchObject({ moved: true })
    expect(existsSync(filesIn(join(disk, 'data')).reserve)).toBe(false)
    const waiting = claimMove({ id, attempt: 1 }, { canWait: true })
    await expect(journal.move(waiting)).rejects.toMatchObject({ code: 'STORE_FULL' })
  })

  test('still takes what holds somebody back, each together with its entry in the audit log', async () => {
    const { tenants, tokens, pauses, audit } = journal
    const token = sampleToken()
    await tenants.add({ name: 'acme', quotas, createdAt: 1 }, sampleEntry())
    await tokens.add(token, sampleEntry())
    await addUntilFull()
    const entries = ['token.revoked', 'pause.created', 'tenant.changed'].map((action) => sampleEntry({ action }))
    const [revoked, paused, changed] = entries as [AuditEntry, AuditEntry, AuditEntry]
    const pause = { id: token.id, kind: null, pool: null, tenant: null, key: null, reason: null, createdAt: 1 }
    expect(await tokens.remove(token.id, revoked)).toBe(true)
    await pauses.add(pause, paused)
    expect(await tenants.change('acme', { running: 0 }, changed)).toMatchObject({ quotas: { running: 0 } })
    await expect(tokens.add(token, sampleEntry())).rejects.toMatchObject({ code: 'STORE_FULL' })
    const noted = (await audit.page({ limit: 3 })).entries
    expect(noted.map(({ id, action }) => [id, action])).toEqual(entries.toReversed().map((one) => [one.id, one.action]))
  })

  test('takes no key for what it refuses: the same key adds when there is space', async () => {
    await addUntilFull()
    const [task, once] = [sampleTask(), { key: 'k', fingerprint: 'f', until: Number.MAX_SAFE_INTEGER }]
    const large = { ...task, input }
    await expect(journal.add(large, sampleEvent(), once)).rejects.toMatchObject({ code: 'STORE_FULL' })
    execFileSync('mount', ['-o', `remount,size=${4 * diskMiB}m`, disk])
    await ringUntil(() => turns.length === 2)
    expect(await journal.add(large, sampleEvent(), once)).toEqual({ added: true })
    expect(await journal.add(sampleTask(), sampleEvent(), once)).toMatchObject({ added: false, earlier: large })
  })

  test('holds what must be written, in its order, until there is space, and loses nothing', async () => {
    const id = await running()
    const { accepted } = await addUntilFull()
    fillUp()
    const answered: number[] = []
    const logs = Array.from({ length: 20 }, (_, index) => ({
      ...runMove(id, 1, { from: ['running'], change: {} }),
      events: [sampleEvent('task.log', 1, { index, text: 'y'.repeat(8 * 1024) })],
    }))
    const moves = [...logs, settlingMove(id, 1), succeedMove(id, 1)]
    const held = moves.map((move, index) => journal.move(move).then(() => answered.push(index)))
    for (let turn = 0; turn < 100; turn++) await ringOnce()
    expect(answered.length).toBeLessThan(moves.length)
    expect(journal.backlogBytes()).toBeGreaterThan(0)
    await expect(journal.add(sampleTask(), sampleEvent())).rejects.toMatchObject({ code: 'STORE_FULL' })
    freeUp()
    await ringUntil(() => answered.length === moves.length)
    await Promise.all(held)
    expect(answered).toEqual(moves.map((_, index) => index))
    expect(journal.backlogBytes()).toBe(0)
    await expectComplete(id, accepted)
  })

  test('is left behind once the reserve is back', async () => {
    await addUntilFull()
    fillUp()
    execFileSync('mount', ['-o', `remount,size=${4 * diskMiB}m`, disk])
    await ringUntil(() => turns.length === 2)
    expect(turns).toEqual([true, false])
    expect(existsSync(filesIn(join(disk, 'data')).reserve)).toBe(true)
    await running()
  })

  test('does not keep an orchestrator from coming back to its tasks', async () => {
    const id = await running()
    await addUntilFull()
    await journal.close()
    fillUp()
    await reopen()
    expect(turns).toEqual([true])
    expect(await journal.open()).toMatchObject([{ task: { id } }])
    // Whether the log has room for this by chance, or only when there is some.
    let moved: unknown
    void journal.move(settlingMove(id, 1)).then((done) => (moved = done))
    freeUp()
    await ringUntil(() => moved !== undefined)
    expect(moved).toMatchObject({ moved: true })
  })

  test('does not keep the journal from closing: what is held is refused and nothing of it was answered', async () => {
    const id = await running()
    await addUntilFull()
    fillUp()
    const big = {
      ...runMove(id, 1, { from: ['running'], change: {} }),
      events: [sampleEvent('task.log', 1, { input })],
    }
    const moves = Promise.allSettled(Array.from({ length: 64 }, () => journal.move(big)))
    await journal.close()
    const refused = (await moves).filter((result) => result.status === 'rejected')
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.every(({ reason }) => reason.code === 'STORE_FULL')).toBe(true)
    freeUp()
    await reopen()
    const { lastSeq } = await journal.events(id, 0, 1000)
    expect(lastSeq).toBe(3 + 64 - refused.length)
  })

  async function expectComplete(id: string, accepted: readonly string[]): Promise<void> {
    for (const one of accepted) expect((await journal.events(one, 0, 9)).events).toHaveLength(1)
    const { events } = await journal.events(id, 0, 1000)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(published.filter(({ task }) => task === id)).toEqual(events)
  }
})
