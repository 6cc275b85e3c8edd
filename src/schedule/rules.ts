/**
 * Every rule that can hold a task back. Whether one does is asked of what the plan itself asks: the tenant, the key, the
 * queue, the room. Here stand the figures and the sentence that a person can act on, so that an explanation cannot say
 * otherwise than the plan does.
 *
 * A task of which nothing holds but `turn` would start if nobody else waited: see rules.test.ts.
 */
import type { Rule } from '../contract/explanation.ts'
import { POOLS, type Pool } from '../task/task.ts'
import { dayEnd } from './day.ts'
import { placeOf } from './pause.ts'
import { kindPolicy } from './policy.ts'
import type { Scene } from './scene.ts'
import { tenantLimits } from './tenant-limits.ts'
import type { Waiting } from './waiting.ts'

/** A rule that holds a task back now. */
export interface Held {
  readonly rule: Rule
  readonly limit: number | null
  readonly current: number | null
  /** When time alone lifts it, in milliseconds since 1970; null when something has to happen. */
  readonly until: number | null
  readonly detail: string
}

/** A task that waits, and where. */
export interface Case {
  readonly scene: Scene
  readonly task: Waiting
  readonly now: number
}

/** What holds this task back at this moment; empty when it would be the next to start. */
export function heldBy(one: Case): readonly Held[] {
  const before = [...holds(one), ...notYet(one), ...pauses(one)]
  if (one.scene.runners.promisedTo(one.task.id)) return [...before, promised(one)]
  // Whatever else would hold it then is not known before it is due.
  if (!isDue(one)) return before
  return [
    ...before,
    ...key(one),
    ...tenant(one),
    ...kind(one),
    ...pool(one),
    ...slots(one),
    ...memory(one),
    ...turn(one),
  ]
}

/** At its time, or when nobody is awaited any more. */
export function isDue({ scene, task, now }: Case): boolean {
  return task.notBefore === null ? scene.waiters.awaited(task.id) === 0 : task.notBefore <= now
}

function* holds({ scene }: Case): Generator<Held> {
  for (const reason of scene.pools.holds) yield held('hold', `nothing starts at all: ${reason}`)
}

function* notYet(one: Case): Generator<Held> {
  if (isDue(one)) return
  const { notBefore, id } = one.task
  const left = one.scene.waiters.awaited(id)
  const time = notBefore === null ? '' : ', or for its time'
  if (left > 0) {
    const children = left === 1 ? '1 child' : `${left} children`
    yield held('children', `it is suspended until ${children} of it settle${time}`, { limit: 0, current: left })
  }
  if (notBefore !== null) yield held('due', `it is not due before ${toText(notBefore)}`, { until: notBefore })
}

function* pauses({ scene, task }: Case): Generator<Held> {
  for (const { id, reason = null, ...all } of scene.pauses.matching(placeOf(task))) {
    const which = (['kind', 'pool', 'tenant', 'key'] as const).filter((part) => all[part] !== null)
    const what = which.length === 0 ? 'everything' : which.map((part) => `${part} ${all[part]}`).join(', ')
    const why = reason === null ? '' : ` (${reason})`
    yield held('paused', `${what} is paused${why}: it goes on when pause ${id} is deleted`)
  }
}

function promised({ scene, task }: Case): Held {
  const left = scene.runners.promisedTo(task.id)?.victims.filter(({ id }) => scene.runners.get(id)).length ?? 0
  return held(
    'promised',
    `a slot is being freed for it: ${tasks(left)} of the batch pool ${left === 1 ? 'is' : 'are'} ended`,
  )
}

function* key({ scene, task }: Case): Generator<Held> {
  const key = scene.tenants.known(task.tenant)?.keys.get(task.concurrency?.key ?? null)
  if (!key || key.admits(task)) return
  const [limit, current] = [key.limitFor(task), key.running.size]
  const detail = `${tasks(current)} with the concurrency key ${key.name} run${current === 1 ? 's' : ''}, at most ${limit} may`
  yield held('key', `${detail}: it waits until one of them ends`, { limit, current })
}

const ofTenant = {
  'tenant-running': (limit: number) => `the tenant may run ${tasks(limit)} at once: one of them has to end`,
  'tenant-pool-running': (limit: number, pool: Pool) =>
    `the tenant may run ${tasks(limit)} of pool ${pool} at once: one of them has to end`,
  'tenant-memory': (limit: number) =>
    `the running tasks of the tenant may use ${limit} MiB together, by their limits: ask for less memory, or wait`,
  'tenant-day': (limit: number) =>
    `the tenant has used its ${limit} process-seconds of this day, which ends at 00:00 UTC`,
} as const

function* tenant({ scene, task, now }: Case): Generator<Held> {
  const tenant = scene.tenants.known(task.tenant)
  if (!tenant) return
  for (const { rule, admits, ...figures } of tenantLimits) {
    if (admits(tenant, task)) continue
    const [limit, current] = [figures.limit(tenant.policy, task), figures.current(tenant, task)]
    const until = rule === 'tenant-day' ? dayEnd(now) : null
    const isTooLarge = rule === 'tenant-memory' && !tenant.couldHold(task)
    const detail = isTooLarge ? tooLarge(task, limit) : ofTenant[rule](limit, task.pool)
    yield held(rule, detail, { limit, current, until })
  }
}

function tooLarge({ memoryMiB }: Waiting, limit: number): string {
  const may = `it may use ${memoryMiB} MiB by its limits, and all tasks of the tenant together ${limit} MiB by now`
  return `${may}: it never starts unless an admin raises memoryMiB of the tenant; cancel it and submit it with less`
}

function* kind({ scene, task }: Case): Generator<Held> {
  const { policy, lineup } = scene
  if (lineup.kinds.isFull(task.kind, policy)) {
    const limit = kindPolicy(policy, task.kind).running
    const detail = `${tasks(limit)} of kind ${task.kind} may run at once, of all tenants: one of them has to end`
    yield held('kind-running', detail, { limit, current: lineup.kinds.running(task.kind) })
  }
  const until = scene.lanes.queueOf(task)?.restsUntil
  if (until !== undefined) {
    yield held('kind-window', `tasks of kind ${task.kind} start only in their windows: ${opens(until)}`, {
      until: moment(until),
    })
  }
}

function* pool({ scene, task }: Case): Generator<Held> {
  const { policy, lineup, room } = scene
  const queue = scene.lanes.queueOf(task)
  const [outside, share] = [lineup.outside(task.pool), room.shareOf(task.pool)]
  // Who may use all is bounded by the slots alone, which say so themselves.
  const isBounded = queue?.side === 'outside' && policy.pools[task.pool].share < 1
  if (isBounded && outside >= share) {
    const until = queue.sharesUntil
    const windows = until === undefined ? '' : ` outside of its windows, and all inside: ${opens(until)}`
    const detail = `pool ${task.pool} may use ${share} of the slots${windows}`
    yield held('pool-share', detail, {
      limit: share,
      current: outside,
      until: until === undefined ? null : moment(until),
    })
  }
  if (!scene.pools.mayRunMore(task.pool)) {
    const [limit, current] = [policy.pools[task.pool].max, lineup.counts[task.pool].running]
    yield held('pool-max', `pool ${task.pool} runs ${tasks(limit)} at once: one of them has to end`, { limit, current })
  }
}

function* slots({ scene, task }: Case): Generator<Held> {
  const { room, promises } = scene
  const slot = room.free(task.pool)
  if (slot) {
    if (!promises.isWithheld(slot)) return
    yield held('kept', 'the slot that is free is kept for a task for which another was ended')
    return
  }
  const { all: limit, free } = room.of(task.pool)
  const figures = { limit, current: limit - free }
  const spare = room.usable - room.takenShared
  if (spare > 0) yield held('reserved', `${slotsFree(spare)}, which other pools keep for themselves`, figures)
  else yield held('slots', allTaken(task.pool, limit, scene), figures)
}

function allTaken(pool: Pool, limit: number, { room, policy: { sharedSlots } }: Scene): string {
  return room.usable < sharedSlots
    ? `${room.usable} of ${sharedSlots} shared slots are used while the machine lacks memory or is overloaded: one has to become free, or to be used again`
    : `the slots that pool ${pool} may use, ${limit} in all, are taken: one of them has to become free`
}

function* memory({ scene, task }: Case): Generator<Held> {
  const { room, policy } = scene
  if (room.fits(task.memoryMiB)) return
  const detail = `it may use ${task.memoryMiB} MiB by its limits, and running tasks leave too little: some have to end`
  yield held('memory', detail, { limit: policy.memoryMiB, current: room.memoryMiB })
}

function* turn(one: Case): Generator<Held> {
  const { scene, task } = one
  const lane = scene.lanes.laneOf(task)
  const firsts = [lane?.first, lane?.queue.first, scene.pools.first(task.pool)]
  const isBehind = firsts.some((first) => first !== undefined && first.id !== task.id)
  if (isBehind) yield held('turn', 'others are before it in order')
  else if (higherFirst(one)) yield held('turn', 'a task of a higher pool is served first')
}

/** The plan starts it before anything of this pool, or keeps the memory for it. */
function higherFirst({ scene, task }: Case): boolean {
  return POOLS.slice(0, POOLS.indexOf(task.pool)).some((pool) => {
    const slot = scene.pools.mayRunMore(pool) ? scene.room.free(pool) : undefined
    return scene.pools.first(pool) !== undefined && slot !== undefined && !scene.promises.isWithheld(slot)
  })
}

function held(rule: Rule, detail: string, figures: Partial<Held> = {}): Held {
  return { rule, limit: null, current: null, until: null, ...figures, detail }
}

function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}

function slotsFree(count: number): string {
  return count === 1 ? 'there is 1 free slot' : `there are ${count} free slots`
}

function opens(until: number): string {
  return until === Number.POSITIVE_INFINITY ? 'they never open' : `they open at ${toText(until)}`
}

function moment(at: number): number | null {
  return at === Number.POSITIVE_INFINITY ? null : at
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
