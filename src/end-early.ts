/** How a task is ended before it ends by itself: because somebody wants it to, or for the sake of another. */
import type { Journal } from './journal/journal.ts'
import { cancelWanted, preempting, type WhyPreempted } from './journal/moves.ts'
import type { Decided } from './journal/schedules.ts'
import type { Queue } from './queue.ts'
import type { Runs } from './runs.ts'
import { waitingOf } from './schedule/waiting.ts'
import type { Clock } from './system/clock.ts'
import type { Witness } from './system/waypoint.ts'
import { cancelled } from './task/classify.ts'
import { replacedBy, supersededBy } from './task/conflict.ts'
import { Refusal } from './task/errors.ts'
import { isTerminal } from './task/states.ts'
import type { Task } from './task/task.ts'

export interface EndEarlyDeps {
  readonly journal: Pick<Journal, 'task' | 'move'>
  readonly clock: Clock
  readonly witness: Witness
}

export interface EndEarlyWays {
  readonly queue: Pick<Queue, 'end'>
  readonly runs: Pick<Runs, 'get' | 'begun'>
  /** Something has changed. */
  readonly wake: () => void
  readonly complain: (error: unknown, task: string) => void
}

const againMs = 200

export class EndEarly {
  readonly #deps: EndEarlyDeps
  readonly #ways: EndEarlyWays

  constructor(deps: EndEarlyDeps, ways: EndEarlyWays) {
    this.#deps = deps
    this.#ways = ways
  }

  async find(tenant: string, id: string): Promise<Task> {
    const task = await this.#deps.journal.task(tenant, id)
    if (!task) throw new Refusal('NOT_FOUND', 'there is no task with this id: check the id and the tenant of the token')
    return task
  }

  /** Resolves once the wish is durable: the task is cancelled, or will be as soon as its process has ended. */
  cancel(tenant: string, id: string, reason: string | null): Promise<Task> {
    return this.#cancel(tenant, id, reason, false)
  }

  /**
   * Cancels what a newer task of the same concurrency key or schedule takes the place of. What is cancelled here is so after a kill as
   * well: the next start finds that it was to be.
   */
  supersede({ id: by, tenant }: Task, superseded: readonly string[], decided?: Decided): void {
    if (superseded.length > 0) this.#deps.witness('submit.superseding', by)
    for (const id of superseded) {
      const reason = decided?.replaces?.includes(id) ? replacedBy(decided.schedule) : supersededBy(by)
      this.#carryOut(tenant, id, reason)
    }
  }

  /**
   * Ends an attempt for the sake of another task, as soon as it has begun; it is requeued in front. False when it does
   * not run, or ends already for another reason.
   */
  async preempt(id: string, why: WhyPreempted): Promise<boolean> {
    const runs = this.#ways.runs
    const run = runs.get(id) ?? (await runs.begun(id))
    if (!run?.attempt.end({ cause: 'preempt', reason: why.reason })) return false
    await this.#deps.journal.move(preempting(run.attempt.task, why, this.#deps.clock.now()))
    return true
  }

  /**
   * Nobody waits who would ask again when there is too much to do: the wish is durable, so it is tried until it is done,
   * or the next start does.
   */
  #carryOut(tenant: string, id: string, reason: string): void {
    this.#cancel(tenant, id, reason, true).catch((error) => {
      const code = error instanceof Refusal ? error.code : undefined
      // It has ended meanwhile, or only its cleanup is left; or the next start finds that it was to be.
      if (code === 'CONFLICT' || code === 'NOT_FOUND' || code === 'STOPPING') return
      if (code === 'TOO_MANY') this.#deps.clock.after(againMs, () => this.#carryOut(tenant, id, reason))
      else this.#ways.complain(error, id)
    })
  }

  /** `isNoted`: the wish is durable already, so that it need not be said again. */
  async #cancel(tenant: string, id: string, reason: string | null, isNoted: boolean): Promise<Task> {
    for (;;) {
      const task = await this.find(tenant, id)
      if (isTerminal(task.state)) throw new Refusal('CONFLICT', `this task has ended already: it is ${task.state}`)
      if (task.cleaning === 'cancelled') return task
      if (task.cleaning) throw new Refusal('CONFLICT', 'this task has failed already: what runs is its cleanup')
      if (!(await this.#endNow(task, reason, isNoted))) continue
      this.#ways.wake()
      return this.find(tenant, id)
    }
  }

  /** False when it is not any more what it was. */
  async #endNow(task: Task, reason: string | null, isNoted: boolean): Promise<boolean> {
    const { journal, clock } = this.#deps
    if (task.state === 'queued') return this.#ways.queue.end(waitingOf(task), cancelled(reason))
    const isSaid = isNoted && task.cancelRequested
    if (!isSaid && !(await journal.move(cancelWanted(task, reason, clock.now()))).moved) return false
    const run = this.#ways.runs.get(task.id) ?? (await this.#ways.runs.begun(task.id))
    run?.cancel(reason)
    // A wish that was noted by others may have found an attempt that has just been given back.
    return run !== undefined || (await this.find(task.tenant, task.id)).state !== 'queued'
  }
}
