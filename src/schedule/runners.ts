/**
 * What runs, and what is promised the slot of something that ends for it. Both count under every rule, so that a promise
 * can be kept whenever there is a slot.
 */
import type { Pool } from '../task/task.ts'
import type { History } from './history.ts'
import type { Lineup } from './lineup.ts'
import type { Room, Slot } from './room.ts'
import { elapsedSeconds, endingSeconds, lostSeconds, type Running, type Use } from './running.ts'
import type { Waiting } from './waiting.ts'

/** A task for which others are being ended. */
export interface Promised {
  readonly task: Waiting
  readonly victims: readonly Waiting[]
  /** What its tenant paid beforehand in its turn, in seconds. */
  readonly paidSeconds: number
}

/** How often what runs pays for its time, at the most; and the part that a long run grows by until it pays again. */
const payEveryMs = 1_000
const payEveryPart = 1 / 20

export class Runners {
  readonly #lineup: Lineup
  readonly #room: Room
  readonly #history: History
  readonly #running = new Map<string, Running>()
  readonly #promised = new Map<string, Promised>()
  #paidAt = 0

  constructor(lineup: Lineup, room: Room, history: History) {
    this.#lineup = lineup
    this.#room = room
    this.#history = history
  }

  has(id: string): boolean {
    return this.#running.has(id) || this.#promised.has(id)
  }

  get(id: string): Running | undefined {
    return this.#running.get(id)
  }

  all(): Iterable<Running> {
    return this.#running.values()
  }

  /** In the order in which they were promised. */
  promised(): Iterable<Promised> {
    return this.#promised.values()
  }

  /** The tasks that were promised a slot, of all tenants and pools or of some. */
  allPromised(tenant?: string, pool?: Pool): readonly Waiting[] {
    if (this.#promised.size === 0) return []
    const all = Array.from(this.#promised.values(), ({ task }) => task)
    return all.filter((task) => task.tenant === (tenant ?? task.tenant) && task.pool === (pool ?? task.pool))
  }

  promisedTo(id: string): Promised | undefined {
    return this.#promised.get(id)
  }

  promise(task: Waiting, victims: readonly string[], now: number): void {
    this.#lineup.start(task)
    const paidSeconds = this.#expect(task)
    const running = victims.map((id) => this.#running.get(id)).filter((one) => one !== undefined)
    for (const one of running) one.preemptedAt ??= now
    this.#promised.set(task.id, { task, victims: running.map((one) => one.task), paidSeconds })
  }

  /** The task waits no more, or waits as all others do. Undefined when nothing was promised. */
  breakPromise(id: string): Waiting | undefined {
    const promised = this.#promised.get(id)
    if (!promised) return undefined
    this.#promised.delete(id)
    const { tenant, pool } = promised.task
    this.#lineup.charge(tenant, pool, { turn: -promised.paidSeconds, day: 0 })
    this.#lineup.end(promised.task)
    return promised.task
  }

  /** It is being ended for another, or because its window has closed. */
  preempting(id: string, now: number): void {
    const running = this.#running.get(id)
    if (running) running.preemptedAt ??= now
  }

  start(task: Waiting, slot: Slot, now: number): void {
    const promised = this.#promised.get(task.id)
    this.#promised.delete(task.id)
    if (!promised) this.#lineup.start(task)
    const paidSeconds = promised?.paidSeconds ?? this.#expect(task)
    const same = {
      task,
      slot,
      startedAt: now,
      checkpointAt: undefined,
      countedSeconds: 0,
      pastSeconds: 0,
      preemptedAt: undefined,
    }
    this.#running.set(task.id, { ...same, paidSeconds })
    this.#room.take(task.pool, slot, task.memoryMiB)
  }

  /** False when it does not run. */
  end(id: string, now: number, use: Use): boolean {
    const running = this.#running.get(id)
    if (!running) return false
    this.#running.delete(id)
    const { task, slot } = running
    this.#pay(running, usedSeconds(running, now, use))
    this.#remember(running, now, use)
    this.#lineup.end(task)
    this.#room.give(task.pool, slot, task.memoryMiB)
    return true
  }

  #remember(running: Running, now: number, use: Use): void {
    const { kind } = running.task
    const elapsed = elapsedSeconds(running, now)
    if (running.preemptedAt !== undefined) this.#history.madeRoom(endingSeconds(running, now))
    if (use === 'typical') this.#history.add(kind, elapsed)
    else if (use === 'lost') this.#history.lose(kind, elapsed)
  }

  checkpointed(id: string, at: number): void {
    const running = this.#running.get(id)
    if (running) running.checkpointAt = at
  }

  /** Lets what runs longer than expected pay for it while it runs. */
  payUp(now: number): void {
    if (now - this.#paidAt < payEveryMs && now >= this.#paidAt) return
    this.#paidAt = now
    for (const running of this.#running.values()) {
      const elapsed = elapsedSeconds(running, now)
      const { countedSeconds, paidSeconds } = running
      if (elapsed - countedSeconds >= countedSeconds * payEveryPart) this.#pay(running, elapsed, paidSeconds)
    }
  }

  /** Pays beforehand for what such tasks take, and tells how much. */
  #expect({ tenant, pool, kind }: Waiting): number {
    const seconds = this.#history.meanSeconds(kind)
    this.#lineup.begin(tenant, pool, seconds)
    return seconds
  }

  /** What runs pays for the day that ends, and owes nothing of it to the next. */
  endDay(at: number): void {
    for (const running of this.#running.values()) {
      this.#pay(running, elapsedSeconds(running, at), running.paidSeconds)
      running.pastSeconds = running.countedSeconds
    }
  }

  /** Pays so much in all, `atLeast` of it for its turn. */
  #pay(running: Running, seconds: number, atLeast = 0): void {
    const { task, paidSeconds, countedSeconds, pastSeconds } = running
    const turn = Math.max(seconds, atLeast) - paidSeconds
    running.paidSeconds += turn
    running.countedSeconds = Math.max(seconds, pastSeconds)
    this.#lineup.charge(task.tenant, task.pool, { turn, day: running.countedSeconds - countedSeconds })
  }
}

function usedSeconds(running: Running, now: number, use: Use): number {
  if (use === 'nothing') return 0
  const elapsed = elapsedSeconds(running, now)
  return use === 'lost' ? Math.max(0, elapsed - lostSeconds(running, now)) : elapsed
}
