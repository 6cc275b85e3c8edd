import type { Hours } from '../../src/schedule/hours.ts'
import type { Pause } from '../../src/schedule/pause.ts'
import { noLimit, type Policy, type TenantPolicy } from '../../src/schedule/policy.ts'
import type { Slot } from '../../src/schedule/room.ts'
import type { Waiting } from '../../src/schedule/waiting.ts'
import { POOLS, type Pool } from '../../src/task/task.ts'

interface Running {
  readonly task: Waiting
  readonly slot: Slot
  readonly startedAt: number
  paid: number
  counted: number
}

const sharing = ['normal', 'batch'] as const

/** The policy said again as plainly as can be: arrays, looked through from end to end for every question. */
export class Model {
  policy: Policy
  waiting: Waiting[] = []
  running: Running[] = []
  holds = new Set<string>()
  pauses = new Map<string, Pause>()
  granted = new Map<string, TenantPolicy>()
  gone = new Set<string>()
  now = 0
  /** Process-seconds over weight that a tenant was given in a pool, and the time of the pool. */
  readonly #tags = new Map<string, number>()
  readonly #times: Record<Pool, number> = { critical: 0, normal: 0, batch: 0 }
  #eligible = new Set<string>()
  #paidAt = 0

  constructor(policy: Policy) {
    this.policy = policy
  }

  remove(id: string): void {
    this.waiting = this.waiting.filter((task) => task.id !== id)
    this.look()
  }

  settled(awaited: string): void {
    this.gone.add(awaited)
    this.waiting = this.waiting.map((task) =>
      task.awaits.includes(awaited) && this.left(task) === 0 && (task.notBefore ?? Infinity) > this.now
        ? { ...task, awaits: [], notBefore: null, isOnlyHere: true }
        : task,
    )
    this.look()
  }

  left({ awaits }: Waiting): number {
    return awaits.filter((one) => !this.gone.has(one)).length
  }

  start(task: Waiting, estimateSeconds: number): void {
    const slot = this.freeSlot(task.pool)
    if (!slot) throw new Error('no slot')
    const { tenant, pool } = task
    this.#times[pool] = Math.max(this.#times[pool], this.tag(tenant, pool))
    this.waiting = this.waiting.filter(({ id }) => id !== task.id)
    this.running.push({ task, slot, startedAt: this.now, paid: estimateSeconds, counted: 0 })
    // Who has nothing left that could start pays all the same.
    this.look()
    this.#pay(task, estimateSeconds)
    this.look()
  }

  end(id: string): void {
    const ended = this.running.find(({ task }) => task.id === id)
    if (!ended) return
    this.#pay(ended.task, (this.now - ended.startedAt) / 1000 - ended.paid)
    this.running = this.running.filter(({ task }) => task.id !== id)
    this.look()
  }

  /** What runs longer than expected pays for it while it runs: once a second at most, a twentieth at least. */
  payUp(): void {
    if (this.now - this.#paidAt < 1_000) return
    this.#paidAt = this.now
    for (const running of this.running) {
      const elapsed = (this.now - running.startedAt) / 1000
      if (elapsed - running.counted < running.counted / 20) continue
      this.#pay(running.task, Math.max(elapsed, running.paid) - running.paid)
      running.paid = Math.max(elapsed, running.paid)
      running.counted = elapsed
    }
  }

  /** Whoever had nothing that could start, and now has, comes back at the time of the pool at the earliest. */
  look(): void {
    const eligible = new Set<string>()
    for (const pool of POOLS) {
      for (const task of this.eligible(pool)) eligible.add(`${pool} ${task.tenant}`)
    }
    for (const place of eligible) {
      const [pool = '', tenant = ''] = place.split(' ')
      const time = this.#times[pool as Pool]
      if (!this.#eligible.has(place)) this.#tags.set(place, Math.max(this.tag(tenant, pool as Pool), time))
    }
    this.#eligible = eligible
  }

  tag(tenant: string, pool: Pool): number {
    return this.#tags.get(`${pool} ${tenant}`) ?? 0
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
    if (!this.freeSlot(pool)) return undefined
    const isInside = this.policy.pools[pool].windows.length > 0 && this.isOpen(this.policy.pools[pool].windows)
    if (!isInside && this.runs((task) => task.pool === pool) >= this.shareOf(pool)) return undefined
    const eligible = this.eligible(pool).filter((task) => this.withinKind(task))
    return eligible.sort((a, b) => this.tag(a.tenant, pool) - this.tag(b.tenant, pool) || before(a, b))[0]
  }

  freeSlot(pool: Pool): Slot | undefined {
    const { pools, sharedSlots } = this.policy
    if (this.runs((task) => task.pool === pool) >= pools[pool].max) return undefined
    if (pool === 'critical' && this.taken('critical') < pools.critical.min) return 'critical'
    const kept = sharing.filter((other) => other !== pool).map((other) => pools[other].min - this.takenBy(other))
    const free = sharedSlots - this.taken('shared') - kept.reduce((sum, left) => sum + Math.max(0, left), 0)
    return free > 0 ? 'shared' : undefined
  }

  shareOf(pool: Pool): number {
    const { share, min } = this.policy.pools[pool]
    const part = Math.max(share > 0 ? 1 : 0, Math.floor(share * this.policy.sharedSlots + 1e-9))
    return part + (pool === 'critical' ? min : 0)
  }

  taken(slot: Slot): number {
    return this.running.filter((running) => running.slot === slot).length
  }

  takenBy(pool: Pool): number {
    return this.running.filter(({ task, slot }) => task.pool === pool && slot === 'shared').length
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

  tenantPolicy(tenant: string): TenantPolicy {
    return this.granted.get(tenant) ?? this.policy.tenant
  }

  /** At its time or when nobody is awaited any more, whichever comes first. */
  isDue(task: Waiting): boolean {
    return task.notBefore === null ? this.left(task) === 0 : task.notBefore <= this.now
  }

  /** Of each tenant and kind the first task that its key lets start, where the tenant's limits do too. */
  eligible(pool: Pool): Waiting[] {
    const queues = new Map<string, Waiting>()
    const lanes = new Set<string>()
    for (const task of this.due(pool)) {
      const queue = `${task.tenant} ${task.kind}`
      const lane = `${queue} ${task.concurrency?.key}`
      const isBehind = task.concurrency !== null && lanes.has(lane)
      lanes.add(lane)
      if (!isBehind && !queues.has(queue) && this.withinKey(task)) queues.set(queue, task)
    }
    return [...queues.values()].filter((task) => this.kindIsOpen(task) && this.withinTenant(task))
  }

  /** Each of the windows is of whole minutes of the day, UTC; where there are none, it is open. */
  isOpen(windows: readonly Hours[]): boolean {
    const minute = Math.floor(this.now / 60_000) % 1_440
    const minuteOf = (time: string) => 60 * Number(time.slice(0, 2)) + Number(time.slice(3))
    return windows.length === 0 || windows.some(({ from, to }) => minuteOf(from) <= minute && minute < minuteOf(to))
  }

  kindIsOpen({ kind }: Waiting): boolean {
    return this.isOpen(this.policy.kinds.get(kind)?.windows ?? [])
  }

  withinTenant(task: Waiting): boolean {
    const { running, poolRunning, memoryMiB } = this.tenantPolicy(task.tenant)
    const own = this.running.map((one) => one.task).filter(({ tenant }) => tenant === task.tenant)
    const used = own.reduce((sum, one) => sum + one.memoryMiB, 0)
    return (
      own.length < running &&
      own.filter(({ pool }) => pool === task.pool).length < poolRunning[task.pool] &&
      used + task.memoryMiB <= memoryMiB
    )
  }

  withinKind({ kind }: Waiting): boolean {
    return this.runs((task) => task.kind === kind) < (this.policy.kinds.get(kind)?.running ?? noLimit)
  }

  /** The limits of all that run under its key hold. */
  withinKey(task: Waiting): boolean {
    if (!task.concurrency) return true
    const shares = (other: Waiting) => other.tenant === task.tenant && other.concurrency?.key === task.concurrency?.key
    const limits = this.running.filter(({ task }) => shares(task)).map(({ task }) => task.concurrency?.limit ?? 0)
    return limits.length < Math.min(task.concurrency.limit, ...limits)
  }

  #pay({ tenant, pool }: Waiting, seconds: number): void {
    const tag = this.tag(tenant, pool) + seconds / this.tenantPolicy(tenant).weight
    this.#tags.set(`${pool} ${tenant}`, tag)
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
