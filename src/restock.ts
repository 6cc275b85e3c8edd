/** Brings the board what the journal has for it, before it is needed. */
import type { Journal, QueuedTask } from './journal/journal.ts'
import type { Board } from './schedule/board.ts'
import { timeOf } from './schedule/calendar.ts'
import { markOf } from './schedule/order.ts'
import type { Shortage } from './schedule/waiters.ts'
import { waitingOf } from './schedule/waiting.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'

export interface RestockDeps {
  readonly journal: Pick<Journal, 'waiting'>
  readonly clock: Clock
  readonly logger: Logger
}

/** How long it waits after a look that failed. */
const restMs = 1_000

export class Restock {
  readonly #deps: RestockDeps
  readonly #board: Pick<Board, 'takeShortages' | 'fill'>
  /** Something may start now. */
  readonly #wake: () => void

  constructor(deps: RestockDeps, board: Pick<Board, 'takeShortages' | 'fill'>, wake: () => void) {
    this.#deps = deps
    this.#board = board
    this.#wake = wake
  }

  /** Asks for everything that the board is short of. */
  look(): void {
    for (const shortage of this.#board.takeShortages()) {
      void this.#ask(shortage).then((found) => {
        this.#board.fill(shortage, found)
        this.#wake()
      })
    }
  }

  async #ask(shortage: Shortage): Promise<ReturnType<typeof waitingOf>[] | undefined> {
    try {
      return (await this.#find(shortage)).map((task) => waitingOf(task))
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'what waits could not be looked up: trying again')
      await new Promise<void>((resolve) => this.#deps.clock.after(restMs, resolve))
      return undefined
    }
  }

  #find(shortage: Shortage): Promise<readonly QueuedTask[]> {
    const { waiting } = this.#deps.journal
    const { after, limit } = shortage.look
    if ('lane' in shortage) {
      return waiting.inLane(shortage.lane.place, markOf(after), this.#deps.clock.now(), limit)
    }
    if (shortage.dated === 'later') return waiting.later({ at: timeOf(after, 'notBefore'), id: after.id }, limit)
    return waiting.expiring({ at: timeOf(after, 'expiresAt'), id: after.id }, limit)
  }
}
