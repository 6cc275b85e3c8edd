/** What a forecast is made from: the board, seen from one task that waits. */
import type { Pool } from '../task/task.ts'
import type { Batch, Comers, Station } from './course.ts'
import { dayEnd } from './day.ts'
import type { Outlook } from './forecast.ts'
import type { History } from './history.ts'
import { firstOf, type Likely, likelyEnd, likelyRest, likelyRun, times } from './likely.ts'
import { kindPolicy } from './policy.ts'
import type { Slot } from './room.ts'
import type { Case } from './rules.ts'
import { elapsedSeconds, endingSeconds, type Running } from './running.ts'
import type { Waiting } from './waiting.ts'
import { type Coming, coming, type Own, type Work } from './work.ts'

const never = Number.POSITIVE_INFINITY

type Standing = Pick<Work, 'pool' | 'kind' | 'isOwn' | 'key'>

/** What it waits for a place among: at the most so many that run, of those that these tell. */
interface Bound {
  readonly most: number
  readonly ofRunning: (running: Running) => boolean
  readonly ofWork: (work: Standing) => boolean
  readonly opensIn?: number
}

/** `own` is what of its tenant is before it in its pool, `ahead` all that is. */
export function outlookOf(one: Case, own: readonly Own[], ahead: readonly Work[]): Outlook {
  const view = new View(one)
  const promised = one.scene.runners.promisedTo(one.task.id)
  const run = view.run(one.task.kind)
  if (promised) {
    const victims = promised.victims.flatMap(({ id }) => one.scene.runners.get(id) ?? [])
    const taken = victims.map((running) => view.rest(running))
    return { notBeforeSeconds: 0, stations: [{ ...empty, taken, free: taken.length === 0 ? 1 : 0 }], run }
  }
  const comers = coming(one, own)
  const bounds = boundsOf(one).filter((bound) => isTight(bound, one, ahead))
  const stations = bounds.map((bound) => stationOf(bound, view, ahead, comers))
  return {
    notBeforeSeconds: notBefore(one),
    stations: [slotsOf(view, ahead, comers), ...stations],
    run,
  }
}

const empty: Station = { taken: [], free: 0, aside: undefined, ahead: [], comers: [], opensIn: never }

/** Expected durations, from the point of view of one task. */
class View {
  readonly one: Case
  readonly #runs = new Map<string, Likely>()

  constructor(one: Case) {
    this.one = one
  }

  get history(): History {
    return this.one.scene.history
  }

  get running(): readonly Running[] {
    return [...this.one.scene.runners.all()]
  }

  run(kind: string): Likely {
    const likely = this.#runs.get(kind) ?? likelyRun(this.history, kind)
    this.#runs.set(kind, likely)
    return likely
  }

  /** How long a task holds places in all: longer than an attempt where it is ended for others now and then. */
  task(kind: string): Likely {
    return times(this.run(kind), this.history.occupies(kind))
  }

  /** How long something still holds its place; what may be ended for the task holds it no longer than it is left alone. */
  rest(running: Running): Likely {
    const elapsed = elapsedSeconds(running, this.one.now)
    const likely = likelyRest(this.history, running.task.kind, elapsed)
    if (running.preemptedAt !== undefined) {
      return firstOf(likely, likelyEnd(this.history, { sinceSeconds: endingSeconds(running, this.one.now) }))
    }
    const { exemptSeconds, most } = this.one.scene.policy.preemption
    const { pool, isCleanup, preemptions } = running.task
    const mayEnd = pool === 'batch' && this.one.task.pool !== 'batch' && !isCleanup && preemptions < most
    const inSeconds = Math.max(0, exemptSeconds - elapsed)
    return mayEnd ? firstOf(likely, likelyEnd(this.history, { inSeconds })) : likely
  }

  batches(ahead: readonly Work[]): readonly Batch[] {
    return ahead.map(({ kind, count, pool }) => ({ count, likely: this.task(kind), mayAside: pool === 'critical' }))
  }

  comers(coming: readonly Coming[]): readonly Comers[] {
    return coming.map(({ kind, perSecond, most, pool }) => {
      return { perSecond, most, likely: this.task(kind), mayAside: pool === 'critical' }
    })
  }
}

function slotsOf(view: View, ahead: readonly Work[], comers: readonly Coming[]): Station {
  const { scene, task } = view.one
  const ofSlot = (slot: Slot) => view.running.filter((running) => running.slot === slot)
  const rests = (running: readonly Running[]) => running.map((one) => view.rest(one))
  const shared = { taken: rests(ownable(view, ofSlot('shared'))), free: scene.room.freeShared(task.pool) }
  const own = ofSlot('critical')
  const aside = { taken: rests(own), free: scene.policy.pools.critical.min - own.length }
  const promised = [...scene.runners.promised()].map(({ task: { kind, pool } }) => {
    return { count: 1, likely: view.run(kind), mayAside: pool === 'critical' }
  })
  const queue = { ahead: [...promised, ...view.batches(ahead)], comers: view.comers(comers), opensIn: never }
  if (task.pool !== 'critical') return { ...shared, aside, ...queue }
  return { taken: [...shared.taken, ...aside.taken], free: shared.free + aside.free, aside: undefined, ...queue }
}

/** Those whose slots the task may have when they end: another pool keeps its minimum. */
function ownable({ one }: View, running: readonly Running[]): readonly Running[] {
  const kept: Record<Pool, number> = { critical: 0, normal: 0, batch: 0 }
  for (const pool of ['normal', 'batch'] as const) {
    if (pool !== one.task.pool) kept[pool] = one.scene.policy.pools[pool].min
  }
  return running.filter(({ task: { pool } }) => {
    kept[pool] -= 1
    return kept[pool] < 0
  })
}

function boundsOf({ scene, task, now }: Case): readonly Bound[] {
  const { policy, tenants, room } = scene
  const tenant = tenants.known(task.tenant)
  const may = tenant?.policy ?? policy.tenant
  const key = task.concurrency?.key ?? null
  const isOwn = (running: Running) => running.task.tenant === task.tenant
  const ofPool = { ofWork: ({ pool }: Standing) => pool === task.pool }
  const ownRunning = { ofRunning: isOwn, ofWork: ({ isOwn }: Standing) => isOwn }
  const bounds: (Bound | false)[] = [
    { most: may.running, ...ownRunning },
    {
      most: may.poolRunning[task.pool],
      ofRunning: (running) => isOwn(running) && running.task.pool === task.pool,
      ofWork: ({ isOwn, pool }) => isOwn && pool === task.pool,
    },
    { most: places(may.memoryMiB, task), ...ownRunning },
    // Whatever it takes, it has all for itself when nothing else runs.
    { most: Math.max(1, places(policy.memoryMiB, task)), ofRunning: () => true, ofWork: () => true },
    key !== null && {
      most: tenant?.keys.get(key)?.limitFor(task) ?? task.concurrency?.limit ?? never,
      ofRunning: (running) => isOwn(running) && running.task.concurrency?.key === key,
      ofWork: (work) => work.isOwn && work.key === key,
    },
    {
      most: kindPolicy(policy, task.kind).running,
      ofRunning: (running) => running.task.kind === task.kind,
      ofWork: ({ kind }) => kind === task.kind,
    },
    { most: policy.pools[task.pool].max, ofRunning: (running) => running.task.pool === task.pool, ...ofPool },
    policy.pools[task.pool].share < 1 && {
      most: room.shareOf(task.pool),
      ofRunning: (running) => running.task.pool === task.pool,
      ...ofPool,
      opensIn: opensIn(tenant?.queueOf(task.pool, task.kind)?.sharesUntil, now),
    },
  ]
  return bounds.filter((bound) => bound !== false)
}

/** Whether the bound could make the task wait. */
function isTight({ most, ofRunning, ofWork }: Bound, { scene }: Case, ahead: readonly Work[]): boolean {
  if (most === never) return false
  const running = [...scene.runners.all()].filter(ofRunning).length
  return running + ahead.filter(ofWork).reduce((sum, { count }) => sum + count, 0) >= most
}

function stationOf(bound: Bound, view: View, ahead: readonly Work[], comers: readonly Coming[]): Station {
  const { most, ofRunning, ofWork, opensIn = never } = bound
  const running = view.running.filter(ofRunning)
  return {
    taken: running.map((one) => view.rest(one)),
    free: most - running.length,
    aside: undefined,
    ahead: view.batches(ahead.filter(ofWork)),
    comers: view.comers(comers.filter((some) => ofWork({ ...some, isOwn: false, key: null }))),
    opensIn,
  }
}

/** Its time, the windows of its kind, and the end of a day of which nothing is left. */
function notBefore({ scene, task, now }: Case): number {
  const tenant = scene.tenants.known(task.tenant)
  const times = [task.notBefore ?? now, tenant?.queueOf(task.pool, task.kind)?.restsUntil ?? now]
  if (tenant?.isSpent) times.push(dayEnd(now))
  return Math.max(0, ...times.map((at) => (at - now) / 1000))
}

/** How many tasks like this one fit. */
function places(memoryMiB: number, task: Waiting): number {
  return task.memoryMiB > 0 ? Math.floor(memoryMiB / task.memoryMiB) : never
}

function opensIn(at: number | undefined, now: number): number {
  return at === undefined ? never : (at - now) / 1000
}
