/**
 * The work that is served before a task that waits, and what may still come of it.
 *
 * It follows from how tenants take turns (`flow.ts`): the task starts when its tenant's tag is the lowest and it is the
 * first of its tenant. By then that tag is what it is now, and the expected time of the tenant's tasks before it, over
 * its weight. Of another tenant those tasks are before it that start with a lower tag: at first of what waits of it, after
 * that of what comes. Tasks of higher pools all are.
 */
import { POOLS, type Pool } from '../task/task.ts'
import type { Lane } from './lane.ts'
import { inOrder } from './order.ts'
import type { Queue } from './queue.ts'
import type { Case } from './rules.ts'
import type { Tenant } from './tenant.ts'

/** Tasks of one kind that are served before it. */
export interface Work {
  readonly pool: Pool
  readonly kind: string
  readonly isOwn: boolean
  /** Of its own tenant's tasks, their concurrency key. */
  readonly key: string | null
  readonly count: number
}

/** Tasks of one kind that may come and be served before it, at the most so many. */
export interface Coming {
  readonly pool: Pool
  readonly kind: string
  readonly perSecond: number
  readonly most: number
}

/** Tasks of its own tenant and pool that are before it. */
export type Own = Pick<Work, 'kind' | 'key' | 'count'>

interface Backlog {
  readonly queue: Queue
  readonly count: number
}

/** Of other tenants, so many are looked at, and of each so many lanes: an answer keeps everybody else waiting. */
const mostTenants = 64
const mostLanes = 16

const higherThan = (pool: Pool) => POOLS.slice(0, POOLS.indexOf(pool))

export function workAhead(one: Case, own: readonly Own[]): readonly Work[] {
  const { scene, task } = one
  const tenant = scene.tenants.known(task.tenant)
  const higher = higherThan(task.pool)
  const span = spanOf(one, own)
  const others = [...scene.tenants.all()].filter((one) => one !== tenant)
  const { some, each } = sample(others)
  const ofOthers = some.flatMap((other) => [
    ...higher.flatMap((pool) => backlogOf(other, pool).map((backlog) => workOf(backlog, false))),
    ...beforeTag(one, other, span(other)),
  ])
  const ofOwn = tenant ? higher.flatMap((pool) => backlogOf(tenant, pool).map((backlog) => workOf(backlog, true))) : []
  const before = own.map((some) => ({ ...some, pool: task.pool, isOwn: true }))
  return merged([...ofOthers.map((work) => ({ ...work, count: work.count * each })), ...ofOwn, ...before])
}

/** Not all of very many are looked at: some, each of which stands for so many. */
function sample(tenants: readonly Tenant[]): { readonly some: readonly Tenant[]; readonly each: number } {
  if (tenants.length <= mostTenants) return { some: tenants, each: 1 }
  const each = tenants.length / mostTenants
  return { some: Array.from({ length: mostTenants }, (_, at) => tenants[Math.floor(at * each)] as Tenant), each }
}

/** What is alike as one. */
function merged(all: readonly Work[]): readonly Work[] {
  const works = new Map<string, Work>()
  for (const work of all) {
    const name = `${work.pool} ${work.kind} ${work.isOwn} ${work.key ?? ''}`
    works.set(name, { ...work, count: work.count + (works.get(name)?.count ?? 0) })
  }
  return [...works.values()]
    .map((work) => ({ ...work, count: Math.round(work.count) }))
    .filter(({ count }) => count > 0)
}

export function coming(one: Case, own: readonly Own[]): readonly Coming[] {
  const { scene, task } = one
  const higher = higherThan(task.pool).flatMap((pool) =>
    rates(one, pool, () => '').map((rate) => ({ ...rate, pool, most: Number.POSITIVE_INFINITY })),
  )
  const span = spanOf(one, own)
  const ofNew = spanOfNew(one, own)
  const others = rates(one, task.pool, ({ tenant }) => tenant).filter(({ tenant }) => tenant !== task.tenant)
  return [
    ...higher,
    ...others.map(({ tenant: name, kind, perSecond }) => {
      const tenant = scene.tenants.known(name)
      const waits = tenant ? backlogOf(tenant, task.pool).reduce((sum, { count }) => sum + count, 0) : 0
      // Who comes to the line meanwhile does so at the time of the pool: half of it will be over, as like as not.
      const room = (tenant ? span(tenant) : ofNew) / (waits > 0 ? 1 : 2)
      const turns = Math.ceil(Math.max(0, room) / scene.history.meanSeconds(kind))
      return { pool: task.pool, kind, perSecond, most: Math.max(0, turns - waits) }
    }),
  ].filter(({ most }) => most > 0)
}

/** How much process time another tenant is given before the task's turn. */
function spanOf(one: Case, own: readonly Own[]): (tenant: Tenant) => number {
  const turnTag = turnTagOf(one, own)
  return (tenant) => (turnTag - tagOf(one, tenant)) * tenant.policy.weight
}

/** The same of a tenant that is not here yet. */
function spanOfNew(one: Case, own: readonly Own[]): number {
  const { scene, task } = one
  return (turnTagOf(one, own) - scene.lineup.timeOf(task.pool)) * scene.policy.tenant.weight
}

/** The tag of its tenant when its turn has come. */
function turnTagOf(one: Case, own: readonly Own[]): number {
  const { scene, task } = one
  const tenant = scene.tenants.known(task.tenant)
  const seconds = own.reduce((sum, { kind, count }) => sum + count * scene.history.meanSeconds(kind), 0)
  if (!tenant) return scene.lineup.timeOf(task.pool)
  return tagOf(one, tenant) + seconds / tenant.policy.weight
}

/** Whoever has nothing that could start comes back at the pool's time. */
function tagOf({ scene, task: { pool } }: Case, tenant: Tenant): number {
  const isOpen = [...tenant.queues].some((queue) => queue.pool === pool && queue.heap !== undefined)
  const { tag } = tenant.flows[pool]
  return isOpen ? tag : Math.max(tag, scene.lineup.timeOf(pool))
}

/** Of what waits of a tenant, the first that so much process time is enough for. */
function beforeTag({ scene, task }: Case, tenant: Tenant, spanSeconds: number): readonly Work[] {
  const work: Work[] = []
  let left = spanSeconds
  for (const { queue, count } of backlogOf(tenant, task.pool)) {
    const { first } = queue
    const isTied = left === 0 && work.length === 0 && first !== undefined && inOrder(first, task) < 0
    const mean = Math.max(scene.history.meanSeconds(queue.kind), 0.001)
    const turns = isTied ? 1 : Math.min(count, Math.ceil(left / mean))
    if (turns <= 0) break
    work.push(workOf({ queue, count: turns }, false))
    left -= turns * mean
  }
  return work
}

/** What waits of a tenant in a pool and may start, as far as pauses and windows are concerned; of the first kind first. */
function backlogOf(tenant: Tenant, pool: Pool): readonly Backlog[] {
  const queues = [...tenant.queues].filter((queue) => queue.pool === pool && queue.restsUntil === undefined)
  const looks = queues.map((queue) => ({
    queue,
    lanes: someLanes(queue),
    each: Math.max(1, queue.lanes.size / mostLanes),
  }))
  let [here, cut] = [0, 0]
  for (const { lanes, each } of looks) {
    for (const { tasks } of lanes) {
      here += tasks.items.length * each
      cut += tasks.hasMore ? each : 0
    }
  }
  // Of what is in the journal alone, how much is in which lane is not known.
  const more = cut > 0 ? Math.max(0, tenant.counts[pool].queued - here) / cut : 0
  const backlog = looks.map(({ queue, lanes, each }) => {
    const going = lanes.filter(({ isPaused }) => !isPaused)
    const count = going.reduce((sum, { tasks }) => sum + tasks.items.length + (tasks.hasMore ? more : 0), 0)
    return { queue, count: Math.round(count * each) }
  })
  return backlog.filter(({ count }) => count > 0).sort((a, b) => compareFirst(a.queue, b.queue))
}

function someLanes({ lanes }: Queue): readonly Lane[] {
  const some: Lane[] = []
  for (const lane of lanes.values()) if (some.push(lane) >= mostLanes) break
  return some
}

function compareFirst({ first: a }: Queue, { first: b }: Queue): number {
  if (a && b) return inOrder(a, b)
  return Number(b !== undefined) - Number(a !== undefined)
}

function workOf({ queue: { pool, kind }, count }: Backlog, isOwn: boolean): Work {
  return { pool, kind, isOwn, key: null, count }
}

/** How often tasks of each kind came lately, apart for each of `apart`. */
function rates({ scene, now }: Case, pool: Pool, apart: (arrival: { readonly tenant: string }) => string) {
  const { perSecond, recent } = scene.arrivals.rate(pool, now)
  const streams = new Map<string, { readonly tenant: string; readonly kind: string; perSecond: number }>()
  for (const arrival of recent) {
    const name = `${apart(arrival)} ${arrival.kind}`
    const stream = streams.get(name) ?? { tenant: arrival.tenant, kind: arrival.kind, perSecond: 0 }
    stream.perSecond += perSecond / recent.length
    streams.set(name, stream)
  }
  return [...streams.values()]
}
