import { type Due, type Run, type RunDeps, run } from './run.ts'
import type { Waiting } from './schedule/waiting.ts'
import type { Ending } from './task/endings.ts'
import type { Task } from './task/task.ts'

/** How a launch or a run came to its end, and its slot with it. */
export interface Over {
  /** The task as it waits again; undefined when it does not. */
  readonly next: Task | undefined
  /** A wish to cancel came while it ran. */
  readonly cancelRequested: boolean
  /** There was nothing to settle: it was never claimed. */
  readonly neverBegan: boolean
  /** Why its attempt ended; undefined when there was none. */
  readonly cause: Ending['cause'] | undefined
}

export interface RunsWays {
  /** Its claim is durable. */
  readonly claimed: (id: string) => void
  /** Called once for each that was begun; what it throws is a fault of ours. */
  readonly over: (waiting: Waiting, over: Over) => void
  readonly complain: (error: unknown, task: string) => void
}

/** The attempts that run here, each from its launch to its settlement. */
export class Runs {
  readonly #deps: RunDeps
  readonly #ways: RunsWays
  readonly #running = new Map<string, Run>()
  /** Those that are being launched, until there is an attempt. */
  readonly #beginning = new Map<string, PromiseWithResolvers<Run | undefined>>()
  readonly #ending = new Set<Promise<void>>()
  readonly #handedBack = Promise.withResolvers<void>()
  #isHandingBack = false

  constructor(deps: RunDeps, ways: RunsWays) {
    this.#deps = deps
    this.#ways = ways
  }

  get(id: string): Run | undefined {
    return this.#running.get(id)
  }

  /** Resolves with what is being launched once it has begun; undefined when nothing comes of it, or nothing is. */
  async begun(id: string): Promise<Run | undefined> {
    return this.#beginning.get(id)?.promise
  }

  begin(due: Due): void {
    this.#beginning.set(due.id, Promise.withResolvers())
    const ending = this.#carryOut(due).finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  /** Ends at once what runs, and what is being launched as soon as it does: queued, in front, not counted. */
  handBack(): void {
    this.#isHandingBack = true
    this.#handedBack.resolve()
    for (const run of this.#running.values()) run.attempt.end({ cause: 'stop' })
  }

  /** Resolves when everything is to be handed back. */
  get handedBack(): Promise<void> {
    return this.#handedBack.promise
  }

  async idle(): Promise<void> {
    while (this.#ending.size > 0) await Promise.all(this.#ending)
  }

  async #carryOut(due: Due): Promise<void> {
    const { why: _, adding: __, ...waiting } = due
    const { next, neverBegan } = await this.#runOnce(due)
    this.#begins(waiting.id, undefined)
    const { cancelRequested = false, attempt } = this.#running.get(waiting.id) ?? {}
    this.#running.delete(waiting.id)
    this.#ways.over(waiting, { next, cancelRequested, neverBegan, cause: attempt?.ending?.cause })
  }

  async #runOnce(due: Due): Promise<Pick<Over, 'next' | 'neverBegan'>> {
    try {
      const settled = await run(due, this.#deps, (run) => this.#register(run))
      return { next: settled?.state === 'queued' ? settled : undefined, neverBegan: false }
    } catch (error) {
      this.#ways.complain(error, due.id)
      // Claimed and not settled: the journal has it as running, and the next start takes it up.
      return { next: undefined, neverBegan: !this.#running.has(due.id) }
    }
  }

  #register(run: Run): void {
    const { id } = run.attempt.task
    this.#running.set(id, run)
    this.#begins(id, run)
    this.#ways.claimed(id)
    if (this.#isHandingBack) run.attempt.end({ cause: 'stop' })
  }

  #begins(id: string, run: Run | undefined): void {
    this.#beginning.get(id)?.resolve(run)
    this.#beginning.delete(id)
  }
}
