/** What waits on the board: how it comes there again, and how it ends before it could start. */
import type { Journal, QueuedTask } from './journal/journal.ts'
import { endQueued } from './journal/moves.ts'
import type { Registry } from './kinds/registry.ts'
import type { Board } from './schedule/board.ts'
import { cleaningOf, type Waiting, waitingOf } from './schedule/waiting.ts'
import type { Clock } from './system/clock.ts'
import { cancelled } from './task/classify.ts'
import type { TaskError } from './task/errors.ts'

export interface QueueDeps {
  readonly journal: Pick<Journal, 'move'>
  readonly registry: Registry
  readonly clock: Clock
}

export interface QueueWays {
  /** Lets a queued task wait for its time, its turn, or its children. */
  readonly lineUp: (task: QueuedTask) => void
  /** Something may be due at this time, in milliseconds since 1970. */
  readonly due: (at: number) => void
  readonly complain: (error: unknown, task: string) => void
}

export class Queue {
  readonly #deps: QueueDeps
  readonly #board: Board
  readonly #ways: QueueWays
  /** What waits again as soon as its launch has come to nothing. */
  readonly #next = new Map<string, Waiting>()

  constructor(deps: QueueDeps, board: Board, ways: QueueWays) {
    this.#deps = deps
    this.#board = board
    this.#ways = ways
  }

  add(task: Waiting): void {
    this.#board.add(task)
    this.#ways.due(Math.min(task.notBefore ?? 0, task.expiresAt ?? Number.POSITIVE_INFINITY))
  }

  /** A wish to cancel that came while the outcome was on its way to disk is carried out here, or at the next start. */
  requeue(task: QueuedTask, cancelRequested: boolean): void {
    if (!cancelRequested || task.cleaning) this.#ways.lineUp(task)
    else this.#end(waitingOf(task), cancelled(null)).catch((error) => this.#ways.complain(error, task.id))
  }

  /** Ends a task that waits on the board, or has its cleanup wait instead. False when it did not wait any more. */
  end(task: Waiting, error: TaskError): Promise<boolean> {
    return this.#end(task, error, () => this.#board.remove(task))
  }

  async #end(task: Waiting, error: TaskError, takeOut = () => {}): Promise<boolean> {
    const { journal, clock, registry } = this.#deps
    const needsCleanup = task.hasBegun && (registry.get(task.kind)?.hasCleanup ?? false)
    const { moved } = await journal.move(endQueued(task, { error, at: clock.now(), needsCleanup }))
    if (!moved) return false
    takeOut()
    if (needsCleanup) this.#next.set(task.id, cleaningOf(task))
    // One that is just being launched claims its cleanup, or finds nothing to claim: what is left is taken up after that.
    if (!this.#board.runs(task.id)) this.takeUp(task.id)
    return true
  }

  /** What comes of a task whose launch came to nothing, unless something else was decided meanwhile. */
  afterLaunch(task: Waiting): void {
    if (!this.#next.has(task.id)) this.#next.set(task.id, task)
  }

  /** It was claimed: what was to wait next is what runs. */
  claimed(id: string): void {
    this.#next.delete(id)
  }

  /** Its slot is free: whatever is to wait next for this task does so now. */
  takeUp(id: string): void {
    const next = this.#next.get(id)
    this.#next.delete(id)
    if (next) this.add(next)
  }
}
