/**
 * The loop: plan → start, make room or expire, until nothing is left to decide; and what becomes of a task and its slot
 * when its attempt is over.
 */
import type { WhyPreempted } from './journal/moves.ts'
import type { Registry } from './kinds/registry.ts'
import type { Adding } from './launch/launch.ts'
import { surroundingsOfKind } from './launch/surroundings.ts'
import { wishOf } from './launch/wish.ts'
import type { Workers } from './launch/workers.ts'
import type { Queue } from './queue.ts'
import type { Restock } from './restock.ts'
import type { Over, Runs } from './runs.ts'
import { considerAtOnce, mayBeNext } from './schedule/at-once.ts'
import type { Board } from './schedule/board.ts'
import { type Decision, plan } from './schedule/plan.ts'
import type { Use } from './schedule/running.ts'
import { type Waiting, waitingOf } from './schedule/waiting.ts'
import { nameFor, whyStarted } from './schedule/why.ts'
import type { Clock } from './system/clock.ts'
import type { Witness } from './system/waypoint.ts'
import { expired } from './task/classify.ts'
import type { Task } from './task/task.ts'

export interface LoopDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly registry: Registry
  readonly workers: Pick<Workers, 'awaits' | 'isolation'>
  readonly witness: Witness
}

export interface LoopWays {
  readonly queue: Pick<Queue, 'end' | 'afterLaunch' | 'requeue' | 'takeUp'>
  readonly runs: Pick<Runs, 'begin'>
  readonly restock: Pick<Restock, 'look'>
  /** Ends a running attempt for the sake of another task. */
  readonly preempt: (id: string, why: WhyPreempted) => Promise<boolean>
  /** Something may start now. */
  readonly wake: () => void
  readonly complain: (error: unknown, task: string) => void
}

/** How long a task rests whose launch failed for a reason that is not its own. */
const launchRestMs = 1_000

export class Loop {
  readonly #deps: LoopDeps
  readonly #board: Board
  readonly #ways: LoopWays

  constructor(deps: LoopDeps, board: Board, ways: LoopWays) {
    this.#deps = deps
    this.#board = board
    this.#ways = ways
  }

  /** Returns when time alone will next change something. */
  turn(now: number): number | undefined {
    this.#board.advance(now)
    for (let next = plan(this.#board, now); next; next = plan(this.#board, now)) this.#apply(next, now)
    this.#board.pools.rest(now)
    this.#ways.restock.look()
    return this.#board.nextWakeAt(now)
  }

  /**
   * Starts a task that is on its way to the disk, when a worker stands by for it and it is the next: then one commit adds
   * it and claims it, and it runs sooner by another. The claim comes after the addition, so it finds what was added.
   */
  startAtOnce(task: Task, added: () => Promise<boolean>): boolean {
    const { clock, registry, workers } = this.#deps
    if (!mayBeNext(this.#board, task)) return false
    const waiting = waitingOf(task)
    const surroundings = surroundingsOfKind(registry.get(task.kind), workers.isolation.level)
    const wish = surroundings && wishOf(waiting, surroundings)
    if (!wish || !workers.awaits(wish)) return false
    const now = clock.now()
    const start = considerAtOnce(this.#board, waiting, now)
    if (!start) return false
    this.#start(start, now, { task, wish, landed: added() })
    this.#ways.wake()
    return true
  }

  /** The slot of a task is free. */
  free(waiting: Waiting, { next, cancelRequested, neverBegan, cause }: Over): void {
    const { witness, clock } = this.#deps
    const { queue, wake } = this.#ways
    const now = clock.now()
    this.#board.end(waiting.id, now, useOf(cause))
    if (neverBegan) queue.afterLaunch({ ...waiting, notBefore: now + launchRestMs, isOnlyHere: true })
    if (next) queue.requeue(next, cancelRequested)
    queue.takeUp(waiting.id)
    witness('settle.freed', waiting.id)
    wake()
  }

  #apply(decision: Decision, now: number): void {
    if (decision.do === 'preempt') this.#makeRoom(decision)
    else if (decision.do === 'expire') this.#expire(decision.task, decision.reason)
    else this.#start(decision, now)
  }

  #start(decision: Decision & { do: 'start' }, now: number, adding?: Adding): void {
    const { task } = decision
    const waited = this.#board.waited(task, now)
    this.#board.start(task.id, now)
    this.#ways.runs.begin({ ...task, why: whyStarted(decision, waited, now), ...(adding && { adding }) })
  }

  #expire(task: Waiting, reason: string): void {
    const { queue, complain } = this.#ways
    this.#board.expire(task)
    queue.end(task, expired(reason)).catch((error) => complain(error, task.id))
  }

  #makeRoom({ victims, task, reason }: Decision & { do: 'preempt' }): void {
    const { preempt, complain } = this.#ways
    const ids = victims.map(({ id }) => id)
    if (task) this.#board.promise(task, ids)
    for (const victim of victims) {
      this.#board.preempting(victim.id)
      const why = { reason, by: task && nameFor(victim, task) }
      preempt(victim.id, why).catch((error) => complain(error, victim.id))
    }
  }
}

/** What the time of an attempt was good for, by how it ended. */
function useOf(cause: Over['cause']): Use {
  if (cause === undefined) return 'nothing'
  if (cause === 'result') return 'typical'
  return cause === 'preempt' ? 'lost' : 'counts'
}
