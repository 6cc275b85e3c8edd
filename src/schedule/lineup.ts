/**
 * Who may start, in which order:
 *
 *     pool → lines, one for each kind → heap of the tenants' queues → heap of lanes, one for each key → head of tasks
 *
 * A heap holds only what is open. A lane whose key is full or paused, and a queue whose tenant is at a limit, leaves its
 * heap and returns when a count drops, so that the first task of a pool is always one that may start, and nothing that is
 * blocked is ever looked at. Which tenant comes first is decided by its tag (`flow.ts`), which task of it by `order.ts`.
 */
import type { Pool } from '../task/task.ts'
import { type Counts, noCounts } from './counts.ts'
import type { Gate } from './gate.ts'
import { Gates } from './gates.ts'
import type { HeadSize } from './head.ts'
import type { Key } from './key.ts'
import { KindCounts } from './kind-counts.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'
import { Lines } from './lines.ts'
import { PauseSet } from './pause.ts'
import type { Policy, TenantPolicy } from './policy.ts'
import type { Queue } from './queue.ts'
import type { Spells } from './spells.ts'
import type { Tenant } from './tenant.ts'
import { Tenants } from './tenants.ts'
import type { Waiting } from './waiting.ts'

export class Lineup {
  readonly counts: Counts = noCounts()
  readonly kinds = new KindCounts()
  readonly tenants: Tenants
  readonly lanes: Lanes
  readonly pauses: PauseSet
  readonly #gates: Gates
  readonly #lines: Readonly<Record<Pool, Lines>>
  readonly #short = new Set<Lane>()
  #policy: Policy
  #now = 0

  constructor(policy: Policy, laneSize: HeadSize) {
    this.#policy = policy
    this.#gates = new Gates(policy)
    const [critical, normal, batch] = [new Lines('critical'), new Lines('normal'), new Lines('batch')]
    this.#lines = { critical, normal, batch }
    const courses = { critical: critical.course, normal: normal.course, batch: batch.course }
    this.tenants = new Tenants(policy.tenant, courses)
    this.pauses = new PauseSet(this.tenants, this.#lines)
    this.lanes = new Lanes(this.tenants, this.#gates, this.pauses, laneSize)
  }

  /** From here on what changes does so at this moment. */
  pass(now: number): void {
    this.#now = now
  }

  /** What held back the places in which a task stands. */
  spellsOf(task: Waiting): readonly Spells[] {
    const lane = this.lanes.laneOf(task)
    const all = [lane?.spells, lane?.queue.spells, this.kinds.spellsOf(task.kind)]
    return all.filter((spells) => spells !== undefined)
  }

  /** The task of a pool to start next, as far as tenants, keys, kinds and windows are concerned. */
  first(pool: Pool, mayOutside: boolean): Waiting | undefined {
    return this.#lines[pool].first(this.#policy, this.kinds, mayOutside)?.first
  }

  /** Running tasks of a pool that count against its share. */
  outside(pool: Pool): number {
    return this.#lines[pool].outside
  }

  /** The virtual time of a pool, in process-seconds of a tenant of weight 1. */
  timeOf(pool: Pool): number {
    return this.#lines[pool].course.time
  }

  /** Lanes of which the journal has more than is here, and soon needed: each is told once. */
  takeShort(): readonly Lane[] {
    const short = [...this.#short].filter(({ tasks }) => tasks.isShort)
    this.#short.clear()
    return short
  }

  /** Counts a task that waits; it lines up only when it is due. */
  enter(task: Waiting): void {
    this.counts[task.pool].queued += 1
    this.tenants.of(task.tenant).counts[task.pool].queued += 1
  }

  /** Returns who stays in the journal for it: nobody, itself, or another of its lane. */
  lineUp(task: Waiting): Waiting | undefined {
    if (this.tenants.of(task.tenant).tooLarge.take(task)) return undefined
    const lane = this.lanes.laneFor(task, this.#now)
    const left = lane.tasks.put(task)
    this.#settle(lane)
    return left
  }

  /** Takes what a look into the journal found for a lane; returns what is here of it. */
  fill(lane: Lane, found: readonly Waiting[] | undefined, isElsewhere: (id: string) => boolean): readonly Waiting[] {
    const { tooLarge } = lane.queue.tenant
    const here = lane.tasks.fill(found, (id) => tooLarge.has(id) || isElsewhere(id))
    tooLarge.sift(lane)
    this.#settle(lane)
    this.tenants.forget(lane.queue.tenant)
    return here
  }

  /** A look into the journal for its lane may still find it there, where it is no more. */
  outdate(task: Waiting): void {
    this.lanes.laneOf(task)?.tasks.delete(task)
  }

  leave(task: Waiting): void {
    const tenant = this.tenants.of(task.tenant)
    this.counts[task.pool].queued -= 1
    tenant.counts[task.pool].queued -= 1
    tenant.tooLarge.delete(task.id)
    const lane = this.lanes.laneOf(task)
    lane?.tasks.delete(task)
    if (lane) this.#settle(lane)
    this.tenants.forget(tenant)
  }

  /** It waits no more, and counts as running under every rule. */
  start(task: Waiting): void {
    const tenant = this.tenants.of(task.tenant)
    // Counted first: a tenant of which nothing is left for a moment would be forgotten, with what it was given.
    this.#count(this.lanes.queueFor(tenant, task, this.#now), task, 1)
    const key = tenant.keyOf(task)
    key.running.put(task)
    this.leave(task)
    this.#review(tenant, key)
  }

  end(task: Waiting): void {
    const tenant = this.tenants.of(task.tenant)
    const queue = this.lanes.queueFor(tenant, task, this.#now)
    this.#count(queue, task, -1)
    const key = tenant.keyOf(task)
    key.running.delete(task)
    this.#review(tenant, key)
    if (key.isIdle) tenant.keys.delete(key.name)
    this.lanes.dropIdle(queue)
    this.tenants.forget(tenant)
  }

  /** Process time of a tenant in a pool, for its place there and for its day. */
  charge(name: string, pool: Pool, seconds: { readonly turn: number; readonly day: number }): void {
    const tenant = this.tenants.of(name)
    tenant.flows[pool].charge(seconds.turn)
    const hasTurned = this.tenants.spend(tenant, seconds.day)
    // Most of the time only its day goes on.
    if (seconds.turn !== 0 || hasTurned) this.#reseat(tenant)
  }

  /** A task of this tenant starts: it pays beforehand for what is expected. */
  begin(name: string, pool: Pool, estimateSeconds: number): void {
    const tenant = this.tenants.of(name)
    tenant.flows[pool].start(estimateSeconds)
    this.#reseat(tenant)
  }

  /** A new day: nobody has used anything of it. */
  newDay(): void {
    for (const tenant of this.tenants.newDay()) this.#reseat(tenant)
  }

  /** What a tenant may; null for what all others may. Returns who stays in the journal from now on. */
  grant(name: string, policy: TenantPolicy | null): readonly Waiting[] {
    this.tenants.grant(name, policy)
    const tenant = this.tenants.known(name)
    return tenant ? this.#regate(tenant) : []
  }

  adopt(policy: Policy): readonly Waiting[] {
    this.#policy = policy
    this.#gates.adopt(policy)
    this.tenants.adopt(policy.tenant)
    return [...this.tenants.all()].flatMap((tenant) => this.#regate(tenant))
  }

  /** Opens and closes what windows say; returns what has just closed. */
  advance(now: number): readonly Gate[] {
    this.#now = now
    const turned = this.#gates.turning(now)
    for (const gate of turned) {
      for (const queue of gate.queues) this.#lines[queue.pool].turn(queue, gate, now)
    }
    return turned.filter(({ isOpen }) => !isOpen)
  }

  /** When windows next open or close something. */
  get nextAt(): number | undefined {
    return this.#gates.nextAt
  }

  #count(queue: Queue, { pool, kind, memoryMiB }: Waiting, by: 1 | -1): void {
    const { tenant } = queue
    this.counts[pool].running += by
    tenant.counts[pool].running += by
    tenant.memoryMiB += by * memoryMiB
    this.#lines[pool].count(queue, by)
    this.kinds.count(kind, by, this.#policy, this.#now)
  }

  /** A lane has changed: it may open, close, come first, be short, or be no more. */
  #settle(lane: Lane): void {
    const { queue } = lane
    if (lane.tasks.isShort) this.#short.add(lane)
    queue.seat(lane, this.#now)
    this.lanes.dropEmpty(lane)
    this.#lines[queue.pool].seat(queue, this.#now)
    this.lanes.dropIdle(queue)
  }

  /** What runs under a key has changed: its lanes may open or close, and any queue of the tenant. */
  #review(tenant: Tenant, key: Key): void {
    if (key.name !== null) for (const lane of key.lanes) lane.queue.seat(lane, this.#now)
    this.#reseat(tenant)
  }

  /** What the tenant may, or was charged, has changed. */
  #reseat(tenant: Tenant): void {
    for (const queue of tenant.queues) this.#lines[queue.pool].seat(queue, this.#now)
  }

  /** What it may is another: so may be its windows, and what is too large for it. */
  #regate(tenant: Tenant): readonly Waiting[] {
    for (const queue of tenant.queues) {
      for (const lane of queue.lanes.values()) if (tenant.tooLarge.sift(lane)) this.#settle(lane)
    }
    const left = tenant.tooLarge.giveBack().flatMap((task) => this.lineUp(task) ?? [])
    for (const queue of tenant.queues) this.#lines[queue.pool].move(queue, this.#gates.of(queue, this.#now), this.#now)
    return left
  }
}
