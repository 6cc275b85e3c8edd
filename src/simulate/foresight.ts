/**
 * Asks the forecast that `explain` gives when a task comes and has to wait, and compares it with the start that follows.
 * Of each pool so many at the most, spread evenly over what comes; who starts at once has nothing to be told.
 */
import { beforeOwn, mostCounted, ownBefore } from '../schedule/ahead.ts'
import type { Board } from '../schedule/board.ts'
import { estimateStart } from '../schedule/estimate.ts'
import { heldBy } from '../schedule/rules.ts'
import type { Waiting } from '../schedule/waiting.ts'
import { workAhead } from '../schedule/work.ts'
import type { Pool } from '../task/task.ts'
import type { Store } from './store.ts'
import type { Arrival } from './trace.ts'

/** What was foretold of a pool, and what became of it. */
export interface Foretold {
  /** Tasks that had to wait, were told when they would start, and did. */
  readonly starts: number
  /** The part of these that started no later than the middle of what was told; null for none. */
  readonly beforeP50: number | null
  /** The same of the ninth tenth. */
  readonly beforeP90: number | null
  /** How long each of these waited over the ninth tenth of what was told, in order. */
  readonly overP90: Float64Array
  /**
   * Tasks that had to wait and were told nothing, or a guess because no run of their kind had ended, or a time after the
   * last arrival: that nothing comes any more then is known to nobody but the trace.
   */
  readonly unjudged: number
}

interface Told {
  readonly at: number
  readonly p50Seconds: number
  readonly p90Seconds: number
}

interface Count {
  came: number
  readonly every: number
  starts: number
  beforeP50: number
  beforeP90: number
  unjudged: number
  readonly overP90: number[]
}

export class Foresight {
  readonly #board: Pick<Board, 'scene'>
  readonly #store: Pick<Store, 'between'>
  readonly #lastAt: number
  readonly #counts = new Map<Pool, Count>()
  /** Those that came at this moment, and are to be asked about when their turn is over. */
  readonly #fresh = new Map<string, Waiting>()
  readonly #told = new Map<string, Told>()

  /** `most` is how many of a pool are chosen; 0 for none. */
  constructor(board: Pick<Board, 'scene'>, store: Pick<Store, 'between'>, arrivals: readonly Arrival[], most: number) {
    this.#board = board
    this.#store = store
    this.#lastAt = arrivals.at(-1)?.at ?? 0
    if (most === 0) return
    for (const { pool } of arrivals) this.#count(pool).came += 1
    for (const [pool, { came }] of this.#counts) this.#counts.set(pool, newCount(Math.ceil(came / most)))
  }

  came(task: Waiting): void {
    const count = this.#counts.get(task.pool)
    if (!count) return
    if (count.came % count.every === 0) this.#fresh.set(task.id, task)
    count.came += 1
  }

  started({ id, pool }: Waiting, now: number): void {
    this.#fresh.delete(id)
    const told = this.#told.get(id)
    if (!told) return
    this.#told.delete(id)
    const count = this.#count(pool)
    const waited = (now - told.at) / 1000
    count.starts += 1
    if (waited <= told.p50Seconds) count.beforeP50 += 1
    if (waited <= told.p90Seconds) count.beforeP90 += 1
    count.overP90.push(waited <= told.p90Seconds && told.p90Seconds === 0 ? 1 : waited / told.p90Seconds)
  }

  /** It will never start. */
  gone({ id }: Waiting): void {
    this.#fresh.delete(id)
    this.#told.delete(id)
  }

  /** Asks about whoever came at this moment and did not start. */
  ask(now: number): void {
    for (const task of this.#fresh.values()) this.#ask(task, now)
    this.#fresh.clear()
  }

  of(pool: Pool): Foretold {
    const { starts, beforeP50, beforeP90, unjudged, overP90 } = this.#counts.get(pool) ?? newCount(1)
    const part = (count: number) => (starts > 0 ? count / starts : null)
    const same = { starts, beforeP50: part(beforeP50), beforeP90: part(beforeP90), unjudged }
    return { ...same, overP90: Float64Array.from(overP90).sort() }
  }

  #ask(task: Waiting, now: number): void {
    const one = { scene: this.#board.scene, task, now }
    const own = beforeOwn(one).map((before) => {
      const left = before.rest ? Math.min(mostCounted, this.#store.between(before.rest)) : 0
      return ownBefore(one, before, before.here + left)
    })
    const rules = heldBy(one).map(({ rule }) => rule)
    const { p50Seconds, p90Seconds } = estimateStart(one, own, workAhead(one, own), rules)
    const isGuess = one.scene.history.secondsOf(task.kind).length === 0
    if (isGuess || p50Seconds === null || p90Seconds === null || now + 1000 * p90Seconds > this.#lastAt)
      this.#count(task.pool).unjudged += 1
    else this.#told.set(task.id, { at: now, p50Seconds, p90Seconds })
  }

  #count(pool: Pool): Count {
    const count = this.#counts.get(pool) ?? newCount(1)
    this.#counts.set(pool, count)
    return count
  }
}

function newCount(every: number): Count {
  return { came: 0, every, starts: 0, beforeP50: 0, beforeP90: 0, unjudged: 0, overP90: [] }
}
