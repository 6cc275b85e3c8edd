import { describe, expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { type Decided, maxFiresPerSchedule, type NewFire, type ScheduleRecord } from '../../src/journal/schedules.ts'
import { noQuotas as quotas } from '../../src/journal/tenants.ts'
import { newTaskId } from '../../src/system/ids.ts'
import type { Task } from '../../src/task/task.ts'
import type { Subject } from './journal.records.ts'
import { claimMove, runMove, sampleEntry, sampleEvent, sampleTask, settlingMove, succeedMove } from './samples.ts'

const room = { perTenant: 10, total: 12 }

export function sampleSchedule(own: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    id: newTaskId(),
    tenant: 'acme',
    name: null,
    timing: { cron: '30 2 * * *', timeZone: 'Europe/Berlin' },
    task: { kind: 'lint', input: { deep: ['🪰'] }, labels: { a: 'b' } },
    overlap: 'skip',
    catchUp: 'latest',
    jitterMs: 500,
    paused: false,
    owner: { tokenId: newTaskId(), role: 'tenant', pools: ['normal'], kinds: ['lint'], mayReadPaths: true },
    createdAt: 1,
    changedAt: 2,
    cursor: 3,
    nextAt: 1_000,
    revision: 1,
    ...own,
  }
}

export function sampleFire(own: Partial<NewFire> = {}): NewFire {
  return { tick: 1_000, at: 1_001, outcome: 'fired', ticks: 1, code: null, reason: null, by: null, ...own }
}

/** Schedules, and the ticks that they fire exactly once. */
export function describeSchedules(subject: () => Subject): void {
  const records = () => subject().journal.schedules
  const tenant = (name: string) =>
    subject().journal.tenants.add({ name, quotas, createdAt: 1 }, sampleEntry({ tenant: name }))
  const add = (schedule: ScheduleRecord, uses: readonly string[] = []) =>
    records().add(schedule, uses, room, sampleEntry())
  const added = async (own: Partial<ScheduleRecord> = {}) => {
    await tenant(own.tenant ?? 'acme')
    const schedule = sampleSchedule(own)
    expect(await add(schedule)).toBe('added')
    return schedule
  }
  const now = async ({ id }: ScheduleRecord) => {
    const found = await records().standing(id)
    if (!found) throw new Error('the schedule is gone')
    return found.schedule
  }
  const decidedOf = ({ id, revision }: ScheduleRecord, own: Partial<Decided> = {}): Decided => ({
    schedule: id,
    revision,
    standing: { cursor: 1_000, nextAt: 2_000 },
    fire: sampleFire(),
    ...own,
  })
  const fire = async (decided: Decided, own: Partial<Task> = {}) => {
    const task = sampleTask(own)
    const [adding] = subject().journal.addAll([{ task, queued: sampleEvent(), decided }])
    return { task, answer: await adding }
  }
  const settle = async (journal: Journal, task: Task) => {
    await journal.move(claimMove(task))
    await journal.move(runMove(task.id, 1))
    await journal.move(settlingMove(task.id, 1))
    await journal.move(succeedMove(task.id, 1))
  }

  describe('a tick that replaces', () => {
    const wanted = async (task: Task) => (await subject().journal.task('acme', task.id))?.cancelRequested

    test('has the former tasks end in the commit of its own, and nothing end without it', async () => {
      const schedule = await added({ overlap: 'replace' })
      const { task: former } = await fire(decidedOf(schedule))
      const replaces = [former.id, newTaskId()]
      const stale = await fire(decidedOf(schedule, { replaces }))
      expect([stale.answer, await wanted(former)]).toEqual([{ added: false, because: 'stale' }, false])
      const next = { standing: { cursor: 2_000, nextAt: 3_000 }, fire: sampleFire({ tick: 2_000 }), replaces }
      const { answer } = await fire(decidedOf(await now(schedule), next))
      expect(answer).toMatchObject({ added: true, superseded: [former.id] })
      expect(await wanted(former)).toBe(true)
      const { events } = await subject().journal.events(former.id, 0, 10)
      expect(events.at(-1)).toMatchObject({
        type: 'task.cancelling',
        data: { reason: `its schedule ${schedule.id} fires again` },
      })
      const third = { standing: { cursor: 3_000, nextAt: null }, fire: sampleFire({ tick: 3_000 }), replaces }
      expect((await fire(decidedOf(await now(schedule), third))).answer).not.toHaveProperty('superseded')
    })
  })

  describe('schedules', () => {
    test('stay as they were made, also after a start', async () => {
      const [cron, plain] = [await added(), sampleSchedule({ name: 'plain', timing: { at: 9 }, nextAt: null })]
      await add(plain)
      await subject().journal.close()
      const { schedules } = await subject().reopen()
      expect(await schedules.get('acme', cron.id)).toEqual(cron)
      expect(await schedules.page({ tenant: 'acme', limit: 10 })).toEqual({ schedules: [cron, plain], more: false })
      expect(await schedules.get('globex', cron.id)).toBeUndefined()
    })

    test('are listed page by page, by name and by kind', async () => {
      const [one, two] = [await added({ name: 'one' }), sampleSchedule({ task: { kind: 'exec', input: {} } })]
      await add(two)
      const page = (query = {}) => records().page({ tenant: 'acme', limit: 1, ...query })
      expect(await page()).toEqual({ schedules: [one], more: true })
      expect(await page({ after: one.id })).toEqual({ schedules: [two], more: false })
      expect(await page({ name: 'one' })).toEqual({ schedules: [one], more: false })
      expect(await page({ kind: 'exec' })).toEqual({ schedules: [two], more: false })
      expect(await page({ tenant: 'globex' })).toEqual({ schedules: [], more: false })
    })

    test('need a tenant that is there, a name of their own, and room', async () => {
      expect(await add(sampleSchedule({ tenant: 'nobody' }))).toBe('no tenant')
      const first = await added({ name: 'nightly' })
      expect(await add(sampleSchedule({ name: 'nightly' }))).toBe('name taken')
      await added({ tenant: 'globex', name: 'nightly' })
      for (let left = room.perTenant - 1; left > 0; left--) await add(sampleSchedule())
      expect(await add(sampleSchedule())).toBe('too many')
      expect(await add(sampleSchedule({ tenant: 'globex' }))).toBe('added')
      expect(await add(sampleSchedule({ tenant: 'globex' }))).toBe('too many in all')
      expect(await records().remove('acme', first.id, sampleEntry())).toBe(true)
      expect(await add(sampleSchedule({ name: 'nightly' }))).toBe('added')
    })

    test('are changed by who knows them as they are, and by nobody else', async () => {
      const schedule = await added()
      const other = sampleSchedule({ name: 'other' })
      await add(other)
      const change = (own: Partial<ScheduleRecord>) =>
        records().change({ ...schedule, revision: 2, ...own }, null, sampleEntry())
      expect(await change({ name: 'other' })).toBe('name taken')
      const all = { name: 'new', timing: { at: 5 }, paused: true, cursor: 7, nextAt: null, jitterMs: 0, changedAt: 8 }
      expect(await change({ ...all, task: { kind: 'exec', input: 1 } })).toBe('changed')
      expect(await now(schedule)).toEqual({ ...schedule, ...all, task: { kind: 'exec', input: 1 }, revision: 2 })
      expect(await change({ name: 'late' })).toBe('stale')
      expect(await records().page({ tenant: 'acme', kind: 'exec', limit: 1 })).toMatchObject({ schedules: [all] })
      const remove = (whose: string) => records().remove(whose, schedule.id, sampleEntry())
      expect([await remove('globex'), await remove('acme'), await remove('acme')]).toEqual([false, true, false])
      expect(await change({ revision: 3 })).toBe('stale')
    })

    test('are found by when they fire, the earliest first', async () => {
      const times = [500, 300, 300, null, 900]
      await tenant('acme')
      const made = times.map((nextAt) => sampleSchedule({ nextAt, paused: nextAt === null }))
      for (const one of made) await add(one)
      const due = made
        .filter(({ nextAt }) => nextAt !== null && nextAt <= 500)
        .map(({ id, nextAt }) => ({ id, nextAt }))
      const [late, ...early] = due
      const first = await records().due(500, null, 2)
      expect(first).toEqual(early)
      expect(await records().due(500, first.at(-1) ?? null, 2)).toEqual([late])
      expect([await records().earliest(0), await records().earliest(500), await records().earliest(900)]).toEqual([
        300,
        900,
        null,
      ])
      const active = made.filter(({ paused }) => !paused).map(({ id }) => id)
      expect([...(await records().active('', 3)), ...(await records().active(active[2] ?? '', 3))]).toEqual(active)
    })

    test('hold on to the uploads that their tasks use', async () => {
      await tenant('acme')
      const upload = { id: newTaskId(), tenant: 'acme', bytes: 1, sha256: 'aa', at: 1 }
      await subject().journal.uploads.add(upload, { bytes: 10, count: 10 })
      const schedule = sampleSchedule()
      const prune = async () => (await subject().journal.uploads.prune(100, 10)).map(({ id }) => id)
      await expect(add(schedule, [newTaskId()])).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await add(schedule, [upload.id])).toBe('added')
      expect(await prune()).toEqual([])
      expect(await records().change({ ...schedule, revision: 2 }, null, sampleEntry())).toBe('changed')
      expect(await prune()).toEqual([])
      expect(await records().change({ ...schedule, revision: 3 }, [], sampleEntry())).toBe('changed')
      expect(await prune()).toEqual([upload.id])
    })

    test('go with their tenant', async () => {
      const [gone, kept] = [await added(), await added({ tenant: 'globex' })]
      await records().decide(decidedOf(gone, { fire: sampleFire({ outcome: 'missed' }) }))
      expect(await subject().journal.tenants.remove('acme', sampleEntry())).toBe('removed')
      expect([await records().standing(gone.id), await records().history(gone.id, 9)]).toEqual([undefined, []])
      expect(await now(kept)).toEqual(kept)
    })
  })

  describe('the tick of a schedule', () => {
    test('has its task with the commit that moves the schedule on', async () => {
      const schedule = await added()
      const { task, answer } = await fire(decidedOf(schedule))
      expect(answer).toEqual({ added: true })
      expect(await now(schedule)).toEqual({ ...schedule, cursor: 1_000, nextAt: 2_000, revision: 2 })
      expect(await records().history(schedule.id, 9)).toEqual([{ ...sampleFire(), task: task.id, state: 'queued' }])
    })

    test('fires once, however many fire it at once', async () => {
      const schedule = await added()
      const all = await Promise.all(Array.from({ length: 20 }, () => fire(decidedOf(schedule))))
      expect(all.filter(({ answer }) => answer?.added)).toHaveLength(1)
      expect(all.filter(({ answer }) => !answer?.added && 'because' in (answer ?? {}))).toHaveLength(19)
      expect((await subject().journal.tasks({ tenant: 'acme', limit: 99 })).tasks).toHaveLength(1)
      expect(await records().history(schedule.id, 9)).toHaveLength(1)
    })

    test('fires once when its time comes a second time, and the schedule moves on', async () => {
      const schedule = await added()
      await fire(decidedOf(schedule))
      const again = await fire(decidedOf(await now(schedule), { standing: { cursor: 1_000, nextAt: 3_000 } }))
      expect(again.answer).toEqual({ added: false, because: 'stale' })
      expect(await now(schedule)).toMatchObject({ nextAt: 3_000, revision: 3 })
      expect(await records().history(schedule.id, 9)).toHaveLength(1)
      for (let run = 0; run < 2; run++) {
        const { answer } = await fire(decidedOf(await now(schedule), { fire: sampleFire({ tick: null, by: 'me' }) }))
        expect(answer).toEqual({ added: true })
      }
    })

    test('is left alone where the schedule was changed, or has gone', async () => {
      const schedule = await added()
      await records().change({ ...schedule, paused: true, revision: 2 }, null, sampleEntry())
      expect((await fire(decidedOf(schedule))).answer).toEqual({ added: false, because: 'stale' })
      expect(await records().decide(decidedOf(schedule))).toBe(false)
      await records().remove('acme', schedule.id, sampleEntry())
      expect((await fire(decidedOf({ ...schedule, revision: 2 }))).answer).toEqual({ added: false, because: 'stale' })
      expect((await subject().journal.tasks({ tenant: 'acme', limit: 9 })).tasks).toEqual([])
    })

    test('is not over when its task is refused', async () => {
      const schedule = await added()
      const addition = { task: sampleTask(), queued: sampleEvent(), decided: decidedOf(schedule), uses: [newTaskId()] }
      await expect(subject().journal.addAll([addition])[0]).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await now(schedule)).toEqual(schedule)
      expect(await records().history(schedule.id, 9)).toEqual([])
    })

    test('without a task is noted with its reason', async () => {
      const schedule = await added()
      const refused = sampleFire({ outcome: 'refused', code: 'QUEUE_FULL', reason: 'too many wait' })
      expect(await records().decide(decidedOf(schedule, { fire: refused }))).toBe(true)
      const missed = sampleFire({ tick: 5_000, outcome: 'missed', ticks: 4, reason: 'nobody was there' })
      const next = decidedOf(await now(schedule), { fire: missed, standing: { cursor: 5_000, nextAt: null } })
      expect(await records().decide(next)).toBe(true)
      const history = [missed, refused].map((one) => ({ ...one, task: null, state: null }))
      expect(await records().history(schedule.id, 9)).toEqual(history)
      expect(await records().history(schedule.id, 1)).toEqual(history.slice(0, 1))
    })

    test('counts for what overlaps until its task has settled, however long ago', async () => {
      const schedule = await added()
      const { task } = await fire(decidedOf(schedule))
      const unsettled = async () => (await records().standing(schedule.id))?.unsettled
      expect(await unsettled()).toEqual([{ id: task.id, cancelRequested: false }])
      for (let tick = 2_000; tick < 2_000 + maxFiresPerSchedule + 5; tick++) {
        const skipped = sampleFire({ tick, outcome: 'skipped' })
        await records().decide(decidedOf(await now(schedule), { fire: skipped }))
      }
      expect(await unsettled()).toEqual([{ id: task.id, cancelRequested: false }])
      expect(await records().history(schedule.id, 1_000)).toHaveLength(maxFiresPerSchedule + 1)
      await settle(subject().journal, task)
      expect(await unsettled()).toEqual([])
      await records().decide(decidedOf(await now(schedule), { fire: sampleFire({ tick: 9_000 }) }))
      expect(await records().history(schedule.id, 1_000)).toHaveLength(maxFiresPerSchedule)
    })
  })
}
