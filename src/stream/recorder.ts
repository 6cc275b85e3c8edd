import type { Journal, Move } from '../journal/journal.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Attempt } from '../task/attempt.ts'
import type { JsonObject } from '../task/json.ts'
import { ACTIVE } from '../task/states.ts'
import type { EventType, NewEvent } from '../task/task.ts'

export interface RecorderDeps {
  readonly journal: Pick<Journal, 'move' | 'backlogBytes' | 'belowBacklogLimit'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Writes what one attempt says into its task's log, fenced by the attempt: a late word changes nothing. */
export class Recorder {
  readonly #attempt: Attempt
  readonly #deps: RecorderDeps

  constructor(attempt: Attempt, deps: RecorderDeps) {
    this.#attempt = attempt
    this.#deps = deps
  }

  event(type: EventType, data: JsonObject): NewEvent {
    return { type, at: this.#deps.clock.now(), attempt: this.#attempt.number, data }
  }

  /** Leaves it to the journal when: nobody waits. */
  note(events: readonly NewEvent[], change: Move['change'] = {}): void {
    void this.#move(events, change, true)
  }

  /** Resolves once durable, with whether it still counted. */
  save(events: readonly NewEvent[], change: Move['change']): Promise<boolean> {
    return this.#move(events, change, false)
  }

  /** Never rejects: a journal that is gone has said so itself. */
  async #move(events: readonly NewEvent[], change: Move['change'], canLinger: boolean): Promise<boolean> {
    const { id, attempt } = this.#attempt.task
    try {
      const moved = await this.#deps.journal.move({ task: id, from: ACTIVE, attempt, change, events, canLinger })
      return moved.moved
    } catch (error) {
      this.#deps.logger.error({ err: error, task: id }, 'events could not be stored')
      return false
    }
  }

  /** Undefined while the journal keeps up; else what to wait for before more is read from the worker. */
  pressure(): Promise<void> | undefined {
    const { journal } = this.#deps
    return journal.backlogBytes() > unhurriedBytes ? journal.belowBacklogLimit() : undefined
  }
}

/** Not worth asking the journal below this. */
const unhurriedBytes = 256 * 1024
