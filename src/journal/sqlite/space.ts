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

  /** The disk took no more. Resolves when it is worth trying again. */
  async ranOut(): Promise<void> {
    if (this.#full) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      return
    }
    this.#options.reserve.release()
    this.#options.logger.error('The disk is full: submissions and starts wait until there is space.')
    this.#announce(true)
    this.#probeLater()
  }

  /** Looks no more, and lets who waits try once more. */
  stop(): void {
    this.#stopped = true
    this.#takeBack()
    this.#retry()
  }

  #probeLater(): void {
    if (this.#stopped) return
    this.#takeBack = this.#options.clock.after(this.#options.probeEveryMs, () => void this.#probe())
  }

  async #probe(): Promise<void> {
    const stillWaiting = this.#retry()
    if (stillWaiting || !(await this.#options.reserve.create())) return this.#probeLater()
    this.#options.logger.info('There is space on the disk again.')
    this.#announce(false)
  }

  #retry(): boolean {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
    return wake !== undefined
  }

  #announce(full: boolean): void {
    this.#full = full
    this.#listeners.tell(full)
  }
}
