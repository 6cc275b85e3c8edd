/** Lets the shared slots follow the machine: looks at it every few seconds, and keeps what it changed and why. */
import type { Pressure } from './process/pressure.ts'
import { strainOf } from './process/strain.ts'
import type { Board } from './schedule/board.ts'
import { type Change, type ScalingState, type ScalingTerms, scale, unscaled } from './schedule/scaling.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'

export interface ScalerDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly board: Pick<Board, 'sharedSlots' | 'resize'>
  readonly terms: ScalingTerms
  readonly pressure: () => Pressure
  /** Something may start now. */
  readonly wake: () => void
}

const remembered = 20

export class Scaler {
  readonly #deps: ScalerDeps
  readonly #changes: Change[] = []
  #state: ScalingState
  #disarm = () => {}

  constructor(deps: ScalerDeps) {
    this.#deps = deps
    this.#state = unscaled(deps.terms)
  }

  start(): void {
    const { clock, terms } = this.#deps
    this.#disarm = clock.after(terms.sampleMs, () => {
      this.#look()
      this.start()
    })
  }

  stop(): void {
    this.#disarm()
  }

  /** The newest first. */
  get changes(): readonly Change[] {
    return this.#changes.toReversed()
  }

  #look(): void {
    const { board, terms, pressure, clock } = this.#deps
    const { sharedSlots: slots } = board
    const strain = strainOf(pressure(), slots.most)
    const { usable, reason, state } = scale(this.#state, slots, strain, terms, clock.monotonic())
    this.#state = state
    if (reason !== null) this.#change({ at: clock.now(), from: slots.usable, to: usable, reason })
  }

  #change(change: Change): void {
    const { board, logger, wake } = this.#deps
    this.#changes.push(change)
    if (this.#changes.length > remembered) this.#changes.shift()
    board.resize(change.to)
    const { from, to, reason } = change
    if (to < from) logger.warn({ from, to, reason }, 'fewer of the shared slots are used')
    else logger.info({ from, to, reason }, 'more of the shared slots are used')
    wake()
  }
}
