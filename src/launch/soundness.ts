import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'

export interface SoundnessDeps {
  /** Tries what stands around workers once more: what is wrong with it, if anything is. */
  readonly probe: () => Promise<string | undefined>
  readonly clock: Pick<Clock, 'monotonic'>
  readonly logger: Logger
}

/** What is known is believed for so long. */
const believedMs = 5_000

/**
 * Whether the isolation that worked at the start still does: somebody may have removed its program or changed the
 * kernel's settings. It is tried again when a worker did not come up for its sake, and until it works nobody is born at
 * a lower level: what is to be born is told why it is not.
 */
export class Soundness {
  readonly #deps: SoundnessDeps
  #complaint: string | undefined
  #checkedAt = Number.NEGATIVE_INFINITY
  #checking: Promise<void> | undefined

  constructor(deps: SoundnessDeps) {
    this.#deps = deps
  }

  /** Whether something is known to be wrong. */
  get isBroken(): boolean {
    return this.#complaint !== undefined
  }

  /** Looks what becomes of this one. */
  attend(worker: Worker): void {
    const look = async () => {
      if (await worker.neverFormed()) await this.#check()
    }
    const failed = (err: unknown) => this.#deps.logger.warn({ err }, 'what seals workers off could not be tried again')
    worker.exited.then(look).catch(failed)
  }

  /** Throws when it is known not to work. */
  async ensure(): Promise<void> {
    if (this.#complaint === undefined) return
    await this.#check()
    if (this.#complaint !== undefined)
      throw new Error(`what seals workers off does not work any more: ${this.#complaint}`)
  }

  #check(): Promise<void> {
    const { clock } = this.#deps
    if (clock.monotonic() - this.#checkedAt < believedMs) return Promise.resolve()
    this.#checking ??= this.#probe().finally(() => {
      this.#checkedAt = clock.monotonic()
      this.#checking = undefined
    })
    return this.#checking
  }

  async #probe(): Promise<void> {
    const before = this.#complaint
    this.#complaint = await this.#deps.probe()
    if (this.#complaint !== before && this.#complaint !== undefined) {
      this.#deps.logger.error({ missing: this.#complaint }, 'what seals workers off does not work any more')
    }
    if (this.#complaint === undefined && before !== undefined) {
      this.#deps.logger.info('what seals workers off works again')
    }
  }
}
