/** Why a task waits, for how long still, and how long it waited: the board and the journal asked together. */

import { Thrift } from './access/thrift.ts'
import type { Explanation } from './contract/explanation.ts'
import { toMoment } from './contract/present.ts'
import type { Journal } from './journal/journal.ts'
import { beforeOwn, mostCounted, type OwnBefore, ownBefore } from './schedule/ahead.ts'
import type { Board } from './schedule/board.ts'
import { aheadOf, estimateEnd, estimateStart } from './schedule/estimate.ts'
import { type Case, type Held, heldBy, isDue } from './schedule/rules.ts'
import { waitingOf } from './schedule/waiting.ts'
import { type Wait, waitsOf } from './schedule/waits.ts'
import { workAhead } from './schedule/work.ts'
import type { Clock } from './system/clock.ts'
import { Refusal } from './task/errors.ts'
import { isTerminal } from './task/states.ts'
import type { Task } from './task/task.ts'

export interface ExplainerDeps {
  readonly journal: Pick<Journal, 'task' | 'attempts' | 'waiting'>
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
}

type Standing = Pick<Explanation, 'position' | 'isPositionLeast' | 'ahead' | 'blockedBy' | 'estimate'>

const nowhere: Standing = { position: null, isPositionLeast: false, ahead: [], blockedBy: [], estimate: null }

export class Explainer {
  readonly #deps: ExplainerDeps
  readonly #thrift: Thrift
  readonly #board: Pick<Board, 'scene' | 'waited'>

  constructor(deps: ExplainerDeps, board: Pick<Board, 'scene' | 'waited'>) {
    this.#deps = deps
    this.#board = board
    this.#thrift = new Thrift(deps.clock)
  }

  /** Refuses a task that the tenant does not have, and whoever asks more than the main thread has time for. */
  async explain(tenant: string, id: string): Promise<Explanation> {
    const { journal, clock } = this.#deps
    const attempts = await journal.attempts(id)
    const task = await journal.task(tenant, id)
    if (!task) throw new Refusal('NOT_FOUND', 'there is no task with this id: check the id and the tenant of the token')
    const now = clock.now()
    const waits = waitsOf({ ...task, queued: this.#queuedSince(task, now) }, attempts)
    return {
      state: task.state,
      ...(await this.#standing(task, now, attempts.findLast(({ endedAt }) => endedAt === null)?.startedAt)),
      waits: waits.map((wait) => toContractWait(wait, now)),
      waitedSeconds: waits.reduce((sum, wait) => sum + secondsOf(wait, now), 0),
    }
  }

  /** For what a task waits that does; null for one that does not. */
  #queuedSince(task: Task, now: number) {
    if (task.state !== 'queued') return null
    const waiting = this.#board.scene.waiters.get(task.id) ?? waitingOf(task)
    return { now, waited: this.#board.waited(waiting, now) }
  }

  async #standing(task: Task, now: number, startedAt: number | undefined): Promise<Standing> {
    if (isTerminal(task.state)) return nowhere
    const { scene } = this.#board
    const running = scene.runners.get(task.id)
    if (!running && task.state === 'queued') {
      return this.#queued({ scene, task: scene.waiters.get(task.id) ?? waitingOf(task), now })
    }
    const since = startedAt ?? running?.startedAt ?? now
    return { ...nowhere, estimate: estimateEnd({ scene, task, now }, since) }
  }

  async #queued(one: Case): Promise<Standing> {
    const { own, isLeast } = await this.#own(one)
    return this.#thrift.spend(one.task.tenant, () => standingOf(one, own, isLeast))
  }

  /** What is before a task of its own tenant, in memory and in the journal. */
  async #own(one: Case): Promise<{ own: readonly OwnBefore[]; isLeast: boolean }> {
    const all = this.#thrift.spend(one.task.tenant, () => beforeOwn(one))
    const rests = all.flatMap(({ rest }) => rest ?? [])
    const counts = rests.length === 0 ? [] : await this.#deps.journal.waiting.between(rests, one.now, mostCounted)
    const counted = new Map(rests.map((rest, index) => [rest, counts[index] ?? 0]))
    const own = all.map((before) =>
      ownBefore(one, before, before.here + ((before.rest && counted.get(before.rest)) ?? 0)),
    )
    return { own, isLeast: counts.reduce((sum, count) => sum + count, 0) >= mostCounted }
  }
}

function standingOf(one: Case, own: readonly OwnBefore[], isLeast: boolean): Standing {
  const held = heldBy(one)
  const before = own.reduce((sum, { all }) => sum + all, 0)
  const work = workAhead(one, own)
  const rules = held.map(({ rule }) => rule)
  return {
    position: isDue(one) ? before + 1 : null,
    isPositionLeast: isLeast,
    ahead: aheadOf(one, own, work),
    blockedBy: held.map(toBlocked),
    estimate: estimateStart(one, own, work, rules),
  }
}

function toBlocked({ until, ...held }: Held): Explanation['blockedBy'][number] {
  return { ...held, until: toMoment(until) }
}

function toContractWait(wait: Wait, now: number): Explanation['waits'][number] {
  const { from, until, rules } = wait
  const held = rules.map(({ rule, seconds }) => ({ rule, seconds: Math.round(seconds * 1000) / 1000 }))
  return { from: toMoment(from), until: toMoment(until), seconds: secondsOf(wait, now), for: wait.for, rules: held }
}

function secondsOf({ from, until }: Wait, now: number): number {
  return Math.max(0, (until ?? now) - from) / 1000
}
