/**
 * What ends because the window in which it may run has closed: all of a kind that has windows of its own, and of a pool
 * what exceeds its share, the cheapest first. Cleanups finish: their outcome is decided.
 */
import { POOLS } from '../task/task.ts'
import type { Lineup } from './lineup.ts'
import type { Room } from './room.ts'
import type { Runners } from './runners.ts'
import { lostSeconds, type Running } from './running.ts'

export class Closing {
  readonly #lineup: Lineup
  readonly #room: Room
  readonly #runners: Runners
  /** Tasks that ran beyond their windows when these closed. */
  readonly #overdue = new Set<string>()

  constructor(lineup: Lineup, room: Room, runners: Runners) {
    this.#lineup = lineup
    this.#room = room
    this.#runners = runners
  }

  /** Windows have closed, or are others. */
  review(now: number): void {
    for (const { task } of this.#outOfHours(now)) this.#overdue.add(task.id)
  }

  ended(id: string): void {
    this.#overdue.delete(id)
  }

  /** What has to end, and is not being ended yet: a window may have opened again meanwhile. */
  next(): Running | undefined {
    for (const id of this.#overdue) {
      const running = this.#runners.get(id)
      if (running && running.preemptedAt === undefined && this.#isOutOfHours(running)) return running
    }
    return undefined
  }

  #outOfHours(now: number): readonly Running[] {
    const all = [...this.#runners.all()].filter(({ task }) => !task.isCleanup)
    const ofKinds = all.filter(({ task }) => this.#lineup.lanes.queueOf(task)?.endsKind)
    const ofPools = POOLS.flatMap((pool) => {
      const own = all.filter(({ task }) => task.pool === pool && this.#lineup.lanes.queueOf(task)?.endsPool)
      const ending = [...ofKinds, ...all.filter(({ preemptedAt }) => preemptedAt !== undefined)]
      const left = this.#lineup.outside(pool) - new Set(ending.filter((one) => own.includes(one))).size
      const rest = own.filter((one) => !ending.includes(one))
      rest.sort((a, b) => lostSeconds(a, now) - lostSeconds(b, now) || b.startedAt - a.startedAt)
      return rest.slice(0, Math.max(0, left - this.#room.shareOf(pool)))
    })
    return [...ofKinds, ...ofPools]
  }

  #isOutOfHours({ task }: Running): boolean {
    const queue = this.#lineup.lanes.queueOf(task)
    return queue !== undefined && (queue.endsKind || queue.endsPool)
  }
}
