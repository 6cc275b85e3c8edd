/**
 * The scheduler's picture of what waits and what runs, in memory, updated only from our own commits: a task is added
 * when `queued` is on disk, started when it is claimed, ended when it has settled. One change costs O(log tenants +
 * log tasks of a lane that are in memory); no call looks at more than one tenant but those that let time pass, change
 * what holds for all, or ask about all.
 */
import type { Waited } from '../journal/attempts.ts'
import { Arrivals } from './arrivals.ts'
import { Closing } from './closing.ts'
import { Day, dayEnd } from './day.ts'
import { Figures } from './figures.ts'
import { type HeadSizes, headSizes } from './head.ts'
import { History } from './history.ts'
import { Lineup } from './lineup.ts'
import type { Pause } from './pause.ts'
import type { Policy, TenantPolicy } from './policy.ts'
import { Pools } from './pools.ts'
import { Promises } from './promises.ts'
import { Room, type Slot } from './room.ts'
import { Runners } from './runners.ts'
import type { Use } from './running.ts'
import type { Slots } from './scaling.ts'
import type { Scene } from './scene.ts'
import { waitedFor } from './spells.ts'
import { type Shortage, Waiters } from './waiters.ts'
import type { Waiting } from './waiting.ts'

export class Board {
  #policy: Policy
  readonly history = new History()
  /** Slots that are being freed, and for whom. */
  readonly promises: Promises
  /** What runs outside of its windows. */
  readonly closing: Closing
  /** What waits and runs. */
  readonly figures: Figures
  /** What each would start next, or why nothing starts at all. */
  readonly pools: Pools
  /** What of this day tenants have used. */
  readonly day: Day
  readonly #arrivals = new Arrivals()
  readonly #lineup: Lineup
  readonly #room: Room
  readonly #waiters: Waiters
  readonly #runners: Runners
  #now = 0
  /** Of what was before nothing is known. */
  #bornAt: number | undefined

  constructor(policy: Policy, sizes: HeadSizes = headSizes) {
    this.#policy = policy
    this.#room = new Room(policy)
    this.#lineup = new Lineup(policy, sizes.lane)
    this.pools = new Pools(policy, this.#lineup, this.#room)
    this.#waiters = new Waiters(this.#lineup, sizes.dated)
    this.#runners = new Runners(this.#lineup, this.#room, this.history)
    this.day = new Day(this.#lineup, this.#runners)
    this.closing = new Closing(this.#lineup, this.#room, this.#runners)
    const parts = {
      lineup: this.#lineup,
      tenants: this.#lineup.tenants,
      room: this.#room,
      runners: this.#runners,
      policy: () => this.#policy,
    }
    this.promises = new Promises(parts)
    this.figures = new Figures(parts)
  }

  get policy(): Policy {
    return this.#policy
  }

  /** A task of this id is being made durable: it is added, or given up, as soon as that is known. */
  expect(id: string): void {
    this.#waiters.expect(id)
  }

  giveUp(id: string): void {
    this.#waiters.giveUp(id)
  }

  /** A task that waits already is replaced: its newest commit tells the truth. */
  add(task: Waiting): void {
    if (this.#runners.get(task.id)) throw new Error(`Task ${task.id} runs: it must end before it waits again.`)
    this.#runners.breakPromise(task.id)
    this.#arrivals.add(task)
    this.#waiters.add(task, this.#now)
  }

  /**
   * Lines up a task that is not durable yet, and asks whether it is the next to start: else it is not here, and still
   * expected.
   */
  consider<T>(task: Waiting, decide: () => T | undefined): T | undefined {
    this.#waiters.add(task, this.#now)
    const decided = decide()
    if (decided !== undefined) {
      this.#arrivals.add(task)
      return decided
    }
    this.#waiters.remove(task)
    this.#waiters.expect(task.id)
    return undefined
  }

  /** Takes out a task that waited until this moment, here or in the journal alone. False when it has a slot. */
  remove(task: Waiting): boolean {
    if (this.#runners.get(task.id)) return false
    if (!this.#runners.breakPromise(task.id)) this.#waiters.remove(task)
    return true
  }

  /** Takes out a task that has expired; it is removed when the journal knows. */
  expire(task: Waiting): void {
    this.#waiters.expire(task)
  }

  /**
   * Tells for whom a task waits that came here with `unknownYet`; it is due when that is nobody. False when it is not the
   * same any more: it was cancelled or became due meanwhile.
   */
  await(task: Pick<Waiting, 'id' | 'attempt'>, awaits: readonly string[]): boolean {
    return this.#waiters.await(task, awaits, this.#now)
  }

  /** Some task has settled. True when it was the last that another one waited for, which is due then. */
  settled(id: string): boolean {
    return this.#waiters.settled(id, this.#now)
  }

  /** Whether it has a slot: it may not wait again before it has ended. */
  runs(id: string): boolean {
    return this.#runners.get(id) !== undefined
  }

  /** What the journal is to be asked for; each is told once, and answered with `fill`. */
  takeShortages(): readonly Shortage[] {
    return this.#waiters.takeShortages()
  }

  /** Brings what the journal said; undefined when it could not be asked. */
  fill(shortage: Shortage, found: readonly Waiting[] | undefined): void {
    this.#waiters.fill(shortage, found, (id) => this.#runners.has(id))
  }

  /** Lets time pass: tasks become due, windows open and close, days end, and what runs pays for its time. */
  advance(now: number): void {
    this.day.pass(now)
    this.#pass(now)
    this.#runners.payUp(now)
    if (this.#lineup.advance(now).some((gate) => gate.endsRuns)) this.closing.review(now)
    this.promises.review(now, (task) => this.#takeBack(task))
    this.#waiters.advance(now)
  }

  /** Gives the task the slot that is free for its pool. */
  start(id: string, now: number): Slot {
    const task = this.#waiters.get(id) ?? this.#runners.promisedTo(id)?.task
    const slot = task && this.#slotFor(task)
    if (!slot) throw new Error(`Task ${id} cannot start: ${task ? 'its pool has no free slot' : 'it does not wait'}.`)
    this.#waiters.take(task)
    this.#runners.start(task, slot, now)
    this.promises.review(now, (task) => this.#takeBack(task))
    return slot
  }

  /** Frees the slot of a task whose attempt has settled. False when it does not run. */
  end(id: string, now: number, use: Use): boolean {
    this.day.pass(now)
    this.#pass(now)
    this.closing.ended(id)
    const task = this.#runners.get(id)?.task
    if (task) this.#waiters.outdate(task)
    return this.#runners.end(id, now, use)
  }

  /** From here its next attempt would go on. */
  checkpointed(id: string, at: number): void {
    this.#runners.checkpointed(id, at)
  }

  /** Others are being ended for this task: it starts as soon as there is a slot, before whatever else waits for one. */
  promise(task: Waiting, victims: readonly string[]): void {
    this.#waiters.take(task)
    this.#runners.promise(task, victims, this.#now)
  }

  /** It is being ended because its window has closed. */
  preempting(id: string): void {
    this.#runners.preempting(id, this.#now)
  }

  /** For what a task waited that starts at this moment; null where it is not known when it was due. */
  waited(task: Waiting, now: number): Waited | null {
    const dueAt = this.#waiters.dueAt(task)
    if (dueAt === undefined) return null
    return waitedFor(
      [this.pools.spellsOf(task.pool), ...this.#lineup.spellsOf(task)],
      { dueAt, knownSince: this.#bornAt ?? now },
      now,
    )
  }

  /** What matches does not start until the pause ends; it still expires, and can be removed. */
  pause(pause: Pause, now = this.#now): void {
    this.#pass(now)
    this.#lineup.pauses.add(pause, now)
  }

  /** False when there is no such pause. */
  resume(id: string, now = this.#now): boolean {
    this.#pass(now)
    return this.#lineup.pauses.delete(id, now)
  }

  /** What a tenant may; null for what all others may. */
  grant(tenant: string, policy: TenantPolicy | null): void {
    for (const task of this.#lineup.grant(tenant, policy)) this.#waiters.stays(task)
  }

  /** Another policy holds from now on, also for what waits and runs already. */
  adopt(policy: Policy): void {
    this.#policy = policy
    this.#room.adopt(policy)
    this.pools.adopt(policy)
    for (const task of this.#lineup.adopt(policy)) this.#waiters.stays(task)
    this.closing.review(this.#now)
  }

  /** So many of the shared slots are used from now on; what runs in others ends by itself. */
  resize(usable: number): void {
    this.#room.resize(usable)
  }

  /** The shared slots: what there is, what of it is used, and whether more would let a task start. */
  get sharedSlots(): Slots {
    const { usable, takenShared: taken } = this.#room
    return { most: this.#policy.sharedSlots, usable, taken, isCrowded: this.pools.areCrowded }
  }

  /** Process time that a tenant has used of this day, in seconds, before this board was there to count it. */
  used(tenant: string, seconds: number): void {
    this.#lineup.charge(tenant, 'normal', { turn: 0, day: seconds })
  }

  expired(now: number): Waiting | undefined {
    return this.#waiters.expired(now)
  }

  /** Whether something has become due that is not lined up yet. */
  hasDue(now: number): boolean {
    return this.#waiters.hasDue(now)
  }

  /** When time alone will next change something; at once when it already has. */
  nextWakeAt(now: number): number | undefined {
    const waiting = (['critical', 'normal'] as const).flatMap((pool) =>
      this.pools.mayRunMore(pool) ? (this.pools.first(pool) ?? []) : [],
    )
    const times = [
      this.#waiters.nextAt,
      this.#lineup.nextAt,
      this.#lineup.tenants.hasSpent ? dayEnd(now) : undefined,
      this.promises.nextVictimAt(waiting, now),
      ...this.promises.expiries,
    ]
    const known = times.filter((at) => at !== undefined)
    return known.length > 0 ? Math.max(now, Math.min(...known)) : undefined
  }

  /** A promised task counts under every rule already: only the slot is left to find. */
  #slotFor(task: Waiting): Slot | undefined {
    return this.#runners.promisedTo(task.id) ? this.#room.free(task.pool) : this.pools.freeSlot(task.pool)
  }

  #pass(now: number): void {
    this.#bornAt ??= now
    this.#now = now
    this.#lineup.pass(now)
  }

  #takeBack(task: Waiting): void {
    this.#runners.breakPromise(task.id)
    this.#waiters.add(task, this.#now)
  }

  /** What explanations and forecasts look at. */
  get scene(): Scene {
    return {
      policy: this.#policy,
      lineup: this.#lineup,
      lanes: this.#lineup.lanes,
      pauses: this.#lineup.pauses,
      tenants: this.#lineup.tenants,
      room: this.#room,
      waiters: this.#waiters,
      runners: this.#runners,
      history: this.history,
      arrivals: this.#arrivals,
      pools: this.pools,
      promises: this.promises,
    }
  }
}
