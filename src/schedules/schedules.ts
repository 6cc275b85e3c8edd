import type { Credential } from '../access/credential.ts'
import { entryOf } from '../access/deed.ts'
import { taskIdPattern } from '../contract/fragments.ts'
import { defaultPageItems } from '../contract/query.ts'
import type { TaskRequest } from '../contract/request.ts'
import type { ScheduleChange, ScheduleListQuery, ScheduleRequest } from '../contract/schedule.ts'
import {
  type Fire,
  maxFiresPerSchedule,
  type ScheduleOwner,
  type ScheduleRecord,
  type ScheduleRecords,
} from '../journal/schedules.ts'
import type { Clock } from '../system/clock.ts'
import { newTaskId } from '../system/ids.ts'
import { Refusal } from '../task/errors.ts'
import type { Task } from '../task/task.ts'
import { overlapOf } from './decide.ts'
import { checkedTask, saysWhen, timingOf } from './definition.ts'
import { type FireDeps, type Fired, fire, fired, requestOf } from './fire.ts'
import { nextTicks, standingAt } from './fire-times.ts'

export interface SchedulesDeps extends FireDeps {
  readonly records: ScheduleRecords
  readonly clock: Pick<Clock, 'now'>
  /** Refuses what this caller could not submit now; tells the uploads that it uses. */
  readonly check: (caller: Credential, request: TaskRequest) => readonly string[]
  /** The task that was made with this key; refuses where another request made it. */
  readonly earlier: (tenant: string, request: TaskRequest, idempotencyKey: string) => Promise<Task | undefined>
  /** Told when a schedule fires next. */
  readonly wake: (at: number | null) => void
  readonly limits: ScheduleLimits
}

export interface ScheduleLimits {
  readonly perTenant: number
  readonly shortestMs: number
}

/** Each takes a row, and is looked at when Mayfly starts. */
const mostInAll = 100_000
const shownTicks = 5
/** Of a change that others come before: each time it is made anew. */
const mostTries = 8

export interface Shown {
  readonly schedule: ScheduleRecord
  readonly nextTicks: readonly number[]
  readonly history: readonly Fire[]
}

/** Schedules as clients make, change and run them. Everything resolves once it is durable. */
export class Schedules {
  readonly #deps: SchedulesDeps

  constructor(deps: SchedulesDeps) {
    this.#deps = deps
  }

  async create(by: Credential, request: ScheduleRequest): Promise<ScheduleRecord> {
    const { records, clock, limits } = this.#deps
    const now = clock.now()
    const { schedule, uses } = this.#toRecord(by, request, now)
    const room = { perTenant: limits.perTenant, total: mostInAll }
    const answer = await records.add(schedule, uses, room, entryOf(by, deed('schedule.created', schedule), now))
    if (answer !== 'added') throw refusalOf(answer, schedule, limits)
    this.#deps.wake(schedule.nextAt)
    return schedule
  }

  list({ tenant }: Credential, { name, kind, cursor, limit = defaultPageItems }: ScheduleListQuery) {
    const filter = { ...(name !== undefined && { name }), ...(kind !== undefined && { kind }) }
    return this.#deps.records.page({ tenant, limit, ...filter, ...(cursor !== undefined && { after: cursor }) })
  }

  async show({ tenant }: Credential, id: string): Promise<Shown> {
    const { records, clock } = this.#deps
    const schedule = await this.#find(tenant, id)
    const history = await records.history(id, maxFiresPerSchedule)
    // What is due this moment has not been fired yet.
    const after = Math.max(schedule.cursor, clock.now())
    return { schedule, nextTicks: nextTicks(schedule, after, shownTicks), history }
  }

  /** Who changes it answers for it from then on; a pause, and its end, leave that as it is. */
  change(by: Credential, id: string, change: ScheduleChange): Promise<ScheduleRecord> {
    return this.#edit(by, id, 'schedule.changed', (former, now) => this.#changed(by, former, change, now))
  }

  pause(by: Credential, id: string): Promise<ScheduleRecord> {
    return this.#edit(by, id, 'schedule.paused', (former) => ({ edited: { ...former, paused: true } }))
  }

  /** What passed during a pause was not to be fired, and is not caught up with. */
  resume(by: Credential, id: string): Promise<ScheduleRecord> {
    return this.#edit(by, id, 'schedule.resumed', (former, now) => ({ edited: resumed(former, now) }))
  }

  async remove(by: Credential, id: string): Promise<void> {
    const { records, clock } = this.#deps
    const schedule = await this.#find(by.tenant, id)
    const entry = entryOf(by, deed('schedule.deleted', schedule), clock.now())
    if (!(await records.remove(by.tenant, id, entry))) throw unknownSchedule()
  }

  /**
   * Fires now, beside its ticks and under the same rule of overlap, with the rights of whoever asks. Asked again with the
   * same key it finds the task that it made.
   */
  async run(by: Credential, id: string, idempotencyKey?: string): Promise<Fired> {
    const { records, clock } = this.#deps
    await this.#find(by.tenant, id)
    const found = await records.standing(id)
    if (!found) throw unknownSchedule()
    const { schedule, unsettled } = found
    const { because, replaces } = overlapOf(schedule, unsettled)
    if (because !== null) {
      const task = idempotencyKey && (await this.#deps.earlier(by.tenant, requestOf(schedule, null), idempotencyKey))
      if (task) return { task, isNew: false }
      throw new Refusal(
        'CONFLICT',
        `its task ${because} has not ended: wait for it, cancel it, or let the schedule queue`,
      )
    }
    const { cursor, nextAt } = schedule
    const own = fired(null, clock.now(), by.tokenId)
    const standing = { cursor, nextAt }
    return fire(this.#deps, { schedule, caller: by, replaces, standing, fire: own, idempotencyKey })
  }

  #toRecord(by: Credential, request: ScheduleRequest, now: number) {
    const { name = null, overlap = 'skip', catchUp = 'latest', jitterSeconds = 0, paused = false } = request
    const task = checkedTask(request.task)
    const uses = this.#deps.check(by, task)
    const timing = timingOf(request, now, this.#deps.limits.shortestMs)
    const policies = { overlap, catchUp, jitterMs: jitterSeconds * 1000, paused }
    const own = { id: newTaskId(), tenant: by.tenant, owner: ownerOf(by), createdAt: now, changedAt: now, revision: 1 }
    const definition = { ...own, name, timing, task, ...policies }
    return { schedule: { ...definition, ...standingAt(definition, now) }, uses }
  }

  #changed(by: Credential, former: ScheduleRecord, change: ScheduleChange, now: number): Edit {
    const { name = former.name, overlap = former.overlap, catchUp = former.catchUp, paused = former.paused } = change
    const task = change.task === undefined ? former.task : checkedTask(change.task)
    const uses = this.#deps.check(by, task)
    const isRetimed = saysWhen(change)
    const timing = isRetimed ? timingOf(change, now, this.#deps.limits.shortestMs, former.timing) : former.timing
    const jitterMs = change.jitterSeconds === undefined ? former.jitterMs : change.jitterSeconds * 1000
    const edited = { ...former, name, task, timing, overlap, catchUp, jitterMs, paused, owner: ownerOf(by) }
    const begins = isRetimed || (former.paused && !paused)
    return { edited: { ...edited, cursor: begins ? now : former.cursor }, uses }
  }

  /** Decided anew where somebody else, or a tick, came before. */
  async #edit(by: Credential, id: string, action: string, edit: (former: ScheduleRecord, now: number) => Edit) {
    const { records, clock, limits } = this.#deps
    for (let tries = 0; tries < mostTries; tries++) {
      const former = await this.#find(by.tenant, id)
      const now = clock.now()
      const { edited, uses = null } = edit(former, now)
      const standing = standingAt(edited, edited.cursor)
      const schedule = { ...edited, ...standing, changedAt: now, revision: former.revision + 1 }
      const answer = await records.change(schedule, uses, entryOf(by, deed(action, schedule), now))
      if (answer === 'stale') continue
      if (answer !== 'changed') throw refusalOf(answer, schedule, limits)
      this.#deps.wake(schedule.nextAt)
      return schedule
    }
    throw new Refusal('CONFLICT', 'others change this schedule at the same time: try again')
  }

  async #find(tenant: string, id: string): Promise<ScheduleRecord> {
    const schedule = taskIdPattern.test(id) ? await this.#deps.records.get(tenant, id) : undefined
    if (schedule) return schedule
    throw unknownSchedule()
  }
}

interface Edit {
  readonly edited: ScheduleRecord
  readonly uses?: readonly string[]
}

function resumed(former: ScheduleRecord, now: number): ScheduleRecord {
  return former.paused ? { ...former, paused: false, cursor: now } : former
}

function ownerOf({ tokenId, role, pools, kinds, mayReadPaths }: Credential): ScheduleOwner {
  const scopes = { ...(pools && { pools }), ...(kinds && { kinds }), ...(mayReadPaths && { mayReadPaths }) }
  return { tokenId, role, ...scopes }
}

function deed(action: string, { id, tenant, name, timing, task, overlap, catchUp, paused }: ScheduleRecord) {
  return {
    action,
    subject: id,
    tenant,
    detail: { name, timing: { ...timing }, kind: task.kind, overlap, catchUp, paused },
  }
}

type No = 'name taken' | 'too many' | 'too many in all' | 'no tenant'

function refusalOf(answer: No, { name }: ScheduleRecord, { perTenant }: ScheduleLimits): Refusal {
  switch (answer) {
    case 'name taken':
      return new Refusal('CONFLICT', `there is a schedule ${name} already: change that one, or choose another name`)
    case 'too many':
      return new Refusal('CONFLICT', `this tenant has ${perTenant} schedules, as many as it may: delete one first`)
    case 'too many in all':
      return new Refusal('CONFLICT', `there are ${mostInAll} schedules, as many as there may be: delete one first`)
    case 'no tenant':
      return new Refusal('CONFLICT', 'this tenant is being deleted: it takes no schedules')
  }
}

function unknownSchedule(): Refusal {
  return new Refusal('NOT_FOUND', 'there is no schedule with this id: GET /v1/schedules lists them')
}
