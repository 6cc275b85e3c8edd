import type { Clock } from '../../system/clock.ts'
import type { Logger } from '../../system/logger.ts'
import { Listeners } from './listeners.ts'
import type { Reserve } from './reserve.ts'

export interface SpaceOptions {
  readonly reserve: Reserve
  readonly clock: Clock
  readonly logger: Logger
  readonly probeEveryMs: number
}

/**
 * What is known of the room on the disk.
 *
 *     there is room ──ranOut()──► full: the reserve is given away, so that what must be written can be
 *           ▲                       │
 *           └── reserve is back ────┘  looked at every `probeEveryMs`, and not while a write still waits for room
 */
export class Space {
  readonly #options: SpaceOptions
  readonly #listeners: Listeners<boolean>
  #full = false
  #stopped = false
  /** Writes wait for room, or have just been sent off to find some. */
  #held = false
  #takeBack = () => {}
  #wake: (() => void) | undefined

  constructor(options: SpaceOptions) {
    this.#options = options
    this.#listeners = new Listeners(options.logger)
  }

  get full(): boolean {
    return this.#full
  }

  onFull(listen: (full: boolean) => void): void {
    this.#listeners.add(listen)
    if (this.#full) listen(true)
  }

  /** The disk took no more. Resolves when it is worth trying again what is held, if anything is. */
  async ranOut(held: boolean): Promise<void> {
    this.#held = held
    if (!this.#full) this.#becomeFull()
    else if (held) await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** The disk took what was held. */
  landed(): void {
    this.#held = false
  }

  /** Looks no more, and lets who waits try once more. */
  stop(): void {
    this.#stopped = true
    this.#takeBack()
    this.#retry()
  }

  #becomeFull(): void {
    this.#options.reserve.release()
    this.#options.logger.error('The disk is full: submissions and starts wait until there is space.')
    this.#announce(true)
    this.#probeLater()
  }

  #probeLater(): void {
    if (this.#stopped) return
    this.#takeBack = this.#options.clock.after(this.#options.probeEveryMs, () => void this.#probe())
  }

  async #probe(): Promise<void> {
    this.#retry()
    if (await this.#canTakeReserve()) {
      this.#options.logger.info('There is space on the disk again.')
      this.#announce(false)
    } else this.#probeLater()
  }

  /** What is held comes first: the reserve must not take the room from it, and gives it back where it did. */
  async #canTakeReserve(): Promise<boolean> {
    if (this.#held || !(await this.#options.reserve.create())) return false
    if (this.#held) this.#options.reserve.release()
    return !this.#held
  }

  #retry(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #announce(full: boolean): void {
    this.#full = full
    this.#listeners.tell(full)
  }
}
