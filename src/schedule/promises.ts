/**
 * Slots that are being freed: for whom, by whose end, and until when that stands. Whoever is promised one counts as running
 * under every rule, so that it can have any slot that comes free before whatever else waits for one.
 */
import type { Lineup } from './lineup.ts'
import { placeOf } from './pause.ts'
import type { Policy } from './policy.ts'
import type { Room, Slot } from './room.ts'
import type { Runners } from './runners.ts'
import type { Running } from './running.ts'
import type { Tenants } from './tenants.ts'
import { type Contest, endingOf, hasRoomAfter, nextVictimAt, victimsFor } from './victims.ts'
import type { Waiting } from './waiting.ts'

export interface PromisesDeps {
  readonly lineup: Pick<Lineup, 'counts' | 'kinds' | 'lanes' | 'outside' | 'pauses'>
  readonly tenants: Pick<Tenants, 'of'>
  readonly room: Pick<Room, 'free' | 'fits' | 'shareOf' | 'usable' | 'takenShared'> & Contest['room']
  readonly runners: Pick<Runners, 'all' | 'promised' | 'allPromised'>
  readonly policy: () => Policy
}

/** A task that can have the slot that it was promised, and who was ended for it. */
export interface Due {
  readonly task: Waiting
  readonly slot: Slot
  readonly preempted: readonly Waiting[]
}

export class Promises {
  readonly #board: PromisesDeps

  constructor(board: PromisesDeps) {
    this.#board = board
  }

  /** The task that was promised a slot and can have one now. */
  next(): Due | undefined {
    for (const { task, victims } of this.#board.runners.promised()) {
      const slot = this.#board.room.free(task.pool)
      if (slot && this.#board.room.fits(task.memoryMiB)) return { task, slot, preempted: victims }
    }
    return undefined
  }

  /** Whether a free slot is kept for a promised task that still waits for memory. */
  isWithheld(slot: Slot): boolean {
    return this.#board.runners.allPromised().some(({ pool }) => {
      const free = this.#board.room.free(pool)
      return slot === 'shared' ? free !== undefined : free === slot
    })
  }

  /**
   * What would have to end so that this task finds a slot; undefined when nothing may that would do. Nothing while more
   * runs than the machine is to bear: each slot would take several, and only some of them come back.
   */
  victimsFor(task: Waiting, now: number): readonly Running[] | undefined {
    const isShedding = this.#board.room.takenShared > this.#board.room.usable
    return this.#board.lineup.counts.batch.running > 0 && !isShedding ? victimsFor(task, this.#contest, now) : undefined
  }

  /** When something may be ended that is exempt now, for any of these, which wait for a slot. */
  nextVictimAt(waiting: readonly Waiting[], now: number): number | undefined {
    const ending = endingOf(this.#board.runners.all())
    const isShort = waiting.some((task) => !hasRoomAfter(task, ending, this.#contest))
    return isShort ? nextVictimAt(this.#board.runners.all(), this.#board.policy().preemption, now) : undefined
  }

  /** When promises next lapse by time alone. */
  get expiries(): readonly number[] {
    return this.#board.runners.allPromised().flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]))
  }

  /** Whoever was promised a slot gets it only if it still may, in time, and if what ends will do. */
  review(now: number, takeBack: (task: Waiting) => void): void {
    const promised = [...this.#board.runners.allPromised()]
    if (promised.length === 0) return
    const ending = endingOf(this.#board.runners.all())
    for (let ahead = promised.pop(); ahead; ahead = promised.pop()) {
      const isLate = ahead.expiresAt !== null && ahead.expiresAt <= now
      const scene = { room: this.#board.room, ahead: promised }
      const keeps = this.#mayStill(ahead) && hasRoomAfter(ahead, ending, scene)
      if (isLate || !keeps) takeBack(ahead)
    }
  }

  /** Whether a task that counts as running, and has no slot yet, may still get one: what it may can change meanwhile. */
  #mayStill(task: Waiting): boolean {
    const { lineup, tenants, room } = this.#board
    const policy = this.#board.policy()
    const { pool, kind } = task
    const queue = lineup.lanes.queueOf(task)
    return (
      !lineup.pauses.covers(placeOf(task)) &&
      !tenants.of(task.tenant).isOver(pool) &&
      lineup.counts[pool].running <= policy.pools[pool].max &&
      !lineup.kinds.isOver(kind, policy) &&
      queue !== undefined &&
      queue.restsUntil === undefined &&
      (queue.side === 'inside' || lineup.outside(pool) <= room.shareOf(pool))
    )
  }

  get #contest(): Contest {
    return {
      running: this.#board.runners.all(),
      ahead: this.#board.runners.allPromised(),
      room: this.#board.room,
      policy: this.#board.policy(),
      isOver: (tenant) => this.#board.tenants.of(tenant).isOver('batch'),
    }
  }
}
