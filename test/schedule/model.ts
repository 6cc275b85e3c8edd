import type { Pause } from '../../src/schedule/pause.ts'
import type { Slot, Slots } from '../../src/schedule/slots.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'

/** The policy said again as plainly as can be: two arrays, looked through from end to end for every question. */
export class Model {
  readonly slots: Slots
  waiting: Waiting[] = []
  running: { readonly task: Waiting; readonly slot: Slot }[] = []
  holds = new Set<string>()
  pauses = new Map<string, Pause>()
  limits = new Map<string, number>()
  gone = new Set<string>()
  now = 0

  constructor(slots: Slots) {
    this.slots = slots
  }

  remove(id: string): void {
    this.waiting = this.waiting.filter((task) => task.id !== id)
  }

  settled(awaited: string): void {
    this.gone.add(awaited)
    this.waiting = this.waiting.map((task) =>
      task.awaits.includes(awaited) && this.left(task) === 0 ? { ...task, awaits: [], notBefore: null } : task,
    )
  }

  left({ awaits }: Waiting): number {
    return awaits.filter((one) => !this.gone.has(one)).length
  }

  start(task: Waiting): void {
    const slot = this.freeSlot(task.pool)
    if (!slot) throw new Error('no slot')
    this.remove(task.id)
    this.running.push({ task, slot })
  }

  end(id: string): void {
    this.running = this.running.filter(({ task }) => task.id !== id)
  }

  runs(which: (task: Waiting) => boolean): number {
    return this.running.filter(({ task }) => which(task)).length
  }

  expired(): Waiting[] {
    return this.waiting.filter((task) => task.expiresAt !== null && task.expiresAt <= this.now)
  }

  /** What is to start next: the first eligible task of the first pool that has one. */
  next(): Waiting | undefined {
    if (this.holds.size > 0) return undefined
    return POOLS.map((pool) => this.nextIn(pool)).find((task) => task !== undefined)
  }

  nextIn(pool: Pool): Waiting | undefined {
    return this.freeSlot(pool) && this.due(pool).find((task) => this.withinTenant(task) && this.withinKey(task))
  }

  freeSlot(pool: Pool): Slot | undefined {
    const { criticalSlots, sharedSlots, maxRunning } = this.slots
    if (this.runs((task) => task.pool === pool) >= (maxRunning?.[pool] ?? Infinity)) return undefined
    if (pool === 'critical' && this.taken('critical') < criticalSlots) return 'critical'
    return this.taken('shared') < sharedSlots ? 'shared' : undefined
  }

  taken(slot: Slot): number {
    return this.running.filter((running) => running.slot === slot).length
  }

  /** The due tasks of a pool in order, without those that are paused. */
  due(pool: Pool): Waiting[] {
    return this.waiting.filter((task) => task.pool === pool && this.isDue(task) && !this.paused(task)).sort(before)
  }

  paused({ tenant, pool, kind, concurrency }: Waiting): boolean {
    const key = concurrency?.key ?? null
    return [...this.pauses.values()].some(
      (pause) =>
        (pause.tenant === null || pause.tenant === tenant) &&
        (pause.pool === null || pause.pool === pool) &&
        (pause.kind === null || pause.kind === kind) &&
        (pause.key === null || pause.key === key),
    )
  }

  limitOf(tenant: string): number {
    return this.limits.get(tenant) ?? this.slots.tenantRunning
  }

  /** At its time or when nobody is awaited any more, whichever comes first. */
  isDue(task: Waiting): boolean {
    return task.notBefore === null ? this.left(task) === 0 : task.notBefore <= this.now
  }

  withinTenant({ tenant, pool }: Waiting): boolean {
    const inPool = this.runs((task) => task.tenant === tenant && task.pool === pool)
    return (
      this.runs((task) => task.tenant === tenant) < this.limitOf(tenant) &&
      inPool < (this.slots.tenantPoolRunning?.[pool] ?? Infinity)
    )
  }

  /** A key serves its tasks of a pool in order, and the limits of all that run under it hold. */
  withinKey(task: Waiting): boolean {
    if (!task.concurrency) return true
    const shares = (other: Waiting) => other.tenant === task.tenant && other.concurrency?.key === task.concurrency?.key
    const limits = this.running.filter(({ task }) => shares(task)).map(({ task }) => task.concurrency?.limit ?? 0)
    const isFirst = this.due(task.pool).find(shares) === task
    return isFirst && limits.length < Math.min(task.concurrency.limit, ...limits)
  }
}

function before(a: Waiting, b: Waiting): number {
  const rank = ({ front, notBefore, createdAt, priority }: Waiting) => [
    front ? 0 : 1,
    (notBefore ?? createdAt) - 1000 * Math.min(3600, Math.max(-3600, priority)),
    createdAt,
  ]
  const other = rank(b)
  const difference = rank(a)
    .map((figure, at) => figure - (other[at] ?? 0))
    .find((figure) => figure !== 0)
  return difference ?? (a.id < b.id ? -1 : 1)
}
