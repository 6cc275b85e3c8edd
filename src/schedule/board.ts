/**
 * The scheduler's picture of what waits and what runs, in memory, updated only from our own commits: a task is added
 * when `queued` is on disk, started when it is claimed, ended when it has settled. One change costs O(log tenants +
 * log tasks of a lane); no call but `advance` looks at more than one task.
 */
import type { Pool } from '../task/task.ts'
import { Awaiting, unknownYet } from './awaiting.ts'
import { Calendar } from './calendar.ts'
import { type Counts, runningIn } from './counts.ts'
import { Lineup } from './lineup.ts'
import type { Pause } from './pause.ts'
import { Room, type Slot, type Slots } from './slots.ts'
import type { Waiting } from './waiting.ts'

interface Running {
  readonly task: Waiting
  readonly slot: Slot
}

export class Board {
  readonly #slots: Slots
  readonly #room: Room
  readonly #lineup: Lineup
  readonly #calendar = new Calendar()
  readonly #awaiting = new Awaiting()
  readonly #waiting = new Map<string, Waiting>()
  readonly #running = new Map<string, Running>()
  readonly #holds = new Set<string>()

  constructor(slots: Slots) {
    this.#slots = slots
    this.#room = new Room(slots)
    this.#lineup = new Lineup(slots)
  }

  /** A task that waits already is replaced: its newest commit tells the truth. */
  add(task: Waiting): void {
    if (this.#running.has(task.id)) throw new Error(`Task ${task.id} runs: it must end before it waits again.`)
    this.remove(task.id)
    this.#waiting.set(task.id, task)
    this.#calendar.add(task)
    this.#awaiting.add(task)
    this.#lineup.enter(task)
    if (task.notBefore === null && task.awaits.length === 0) this.#lineup.lineUp(task)
  }

  /** Takes out a task that waits: cancelled or expired. False when it does not wait. */
  remove(id: string): boolean {
    const task = this.#waiting.get(id)
    if (!task) return false
    this.#waiting.delete(id)
    this.#calendar.remove(task)
    this.#awaiting.remove(task)
    this.#lineup.leave(task)
    return true
  }

  /**
   * Tells for whom a task waits that came here with `unknownYet`; it is due when that is nobody. False when it is not the
   * same any more: it was cancelled or became due meanwhile.
   */
  await({ id, attempt }: Pick<Waiting, 'id' | 'attempt'>, awaits: readonly string[]): boolean {
    const task = this.#waiting.get(id)
    if (!task || task.attempt !== attempt || task.awaits !== unknownYet) return false
    this.add({ ...task, awaits, notBefore: awaits.length === 0 ? null : task.notBefore })
    return true
  }

  /** Some task has settled. True when it was the last that another one waited for, which is due then. */
  settled(id: string): boolean {
    const waiter = this.#waiting.get(this.#awaiting.settled(id) ?? '')
    if (waiter) this.add({ ...waiter, awaits: [], notBefore: null })
    return waiter !== undefined
  }

  /** Whether it has a slot: it may not wait again before it has ended. */
  runs(id: string): boolean {
    return this.#running.has(id)
  }

  /** Lines up what has become due. */
  advance(now: number): void {
    for (let task = this.#calendar.takeDue(now); task; task = this.#calendar.takeDue(now)) this.#lineup.lineUp(task)
  }

  /** Gives the task the slot that is free for its pool. */
  start(id: string): Slot {
    const task = this.#waiting.get(id)
    const slot = task && this.freeSlot(task.pool)
    if (!slot) throw new Error(`Task ${id} cannot start: ${task ? 'its pool has no free slot' : 'it does not wait'}.`)
    this.#waiting.delete(id)
    this.#calendar.remove(task)
    this.#awaiting.remove(task)
    this.#lineup.start(task)
    this.#running.set(id, { task, slot })
    this.#room.take(slot)
    return slot
  }

  /** Frees the slot of a task whose attempt has settled. False when it does not run. */
  end(id: string): boolean {
    const running = this.#running.get(id)
    if (!running) return false
    this.#running.delete(id)
    this.#lineup.end(running.task)
    this.#room.give(running.slot)
    return true
  }

  /** Nothing starts while there is a reason to hold; what expires still does. */
  hold(reason: string): void {
    this.#holds.add(reason)
  }

  release(reason: string): void {
    this.#holds.delete(reason)
  }

  /** What matches does not start until the pause ends; it still expires, and can be removed. */
  pause(pause: Pause): void {
    this.#lineup.pause(pause)
  }

  /** False when there is no such pause. */
  resume(id: string): boolean {
    return this.#lineup.resume(id)
  }

  /** How many tasks of a tenant may run at once; null for as many as of any other. */
  limitTenant(tenant: string, running: number | null): void {
    this.#lineup.limit(tenant, running)
  }

  /** Why nothing starts at all; empty when tasks may. */
  get holds(): readonly string[] {
    return [...this.#holds]
  }

  /** The task of a pool that would start next if there were a slot. */
  first(pool: Pool): Waiting | undefined {
    return this.#lineup.first(pool)
  }

  /** The slot that a task of this pool would take; none when all are taken or the pool runs as much as it may. */
  freeSlot(pool: Pool): Slot | undefined {
    const most = this.#slots.maxRunning?.[pool] ?? Number.POSITIVE_INFINITY
    return this.#lineup.counts[pool].running < most ? this.#room.free(pool) : undefined
  }

  /** How many tasks of a pool may run at once, and how many could start now. */
  room(pool: Pool): { readonly slots: number; readonly free: number } {
    const most = this.#slots.maxRunning?.[pool] ?? Number.POSITIVE_INFINITY
    const { all, free } = this.#room.of(pool)
    const left = Math.max(0, most - this.#lineup.counts[pool].running)
    return { slots: Math.min(all, most), free: Math.min(free, left) }
  }

  expired(now: number): Waiting | undefined {
    return this.#calendar.expired(now)
  }

  /** When time alone will next change something; at once when it already has. */
  nextWakeAt(now: number): number | undefined {
    const at = this.#calendar.nextAt
    return at === undefined ? undefined : Math.max(at, now)
  }

  /** Queued and running tasks by pool, of all tenants or of one: a copy. */
  counts(tenant?: string): Counts {
    return structuredClone(tenant === undefined ? this.#lineup.counts : this.#lineup.countsOf(tenant))
  }

  /** Queued tasks of a tenant, due or not, without a copy of the other figures. */
  queuedOf(tenant: string): number {
    const { critical, normal, batch } = this.#lineup.countsOf(tenant)
    return critical.queued + normal.queued + batch.queued
  }

  /** Since when the oldest due task of a pool is, of all tenants or of one. */
  oldestDueAt(pool: Pool, tenant?: string): number | undefined {
    return this.#lineup.oldestDueAt(pool, tenant)
  }

  /** What each tenant has queued and running, of those that have something. */
  tenants(): { readonly tenant: string; readonly queued: number; readonly busy: number }[] {
    return this.#lineup.tenants().map(({ tenant, counts }) => ({
      tenant,
      queued: counts.critical.queued + counts.normal.queued + counts.batch.queued,
      busy: runningIn(counts),
    }))
  }
}
