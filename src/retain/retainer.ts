import type { ArtifactStore } from '../files/artifacts.ts'
import type { UploadStore } from '../files/uploads.ts'
import type { Journal } from '../journal/journal.ts'
import { type Clock, pause } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'

export interface RetainPolicy {
  /** Settled tasks stay so long. */
  readonly retainDays: number
  /** And so many of each tenant at most. */
  readonly retainTasks: number
  /** Uploads that no task uses stay so long. */
  readonly retainUploadHours: number
}

export interface RetainDeps {
  readonly journal: Pick<Journal, 'retention' | 'uploads'>
  readonly artifacts: Pick<ArtifactStore, 'remove'>
  readonly uploads: Pick<UploadStore, 'remove'>
  readonly clock: Clock
  readonly logger: Logger
  readonly policy: RetainPolicy
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const everyMs = 60_000
/** Between two batches, so that what clients and tasks write is never behind more than one. */
const restMs = 50
const batchTasks = 100
const batchEvents = 2_000
const batchUploads = 100

/** Forgets the past, a little at a time, from its start until it is stopped. */
export class Retainer {
  readonly #deps: RetainDeps
  #isStopped = false
  #disarm = () => {}
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: RetainDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#disarm = this.#deps.clock.after(everyMs, () => {
      this.#turn = this.sweep().then(
        () => this.#goOn(),
        (error) => {
          this.#deps.logger.warn({ err: error }, 'the past could not be forgotten: the next try comes')
          this.#goOn()
        },
      )
    })
  }

  /** Resolves when nothing more is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#disarm()
    await this.#turn
  }

  /** Forgets all that may go now. */
  async sweep(): Promise<void> {
    while (!this.#isStopped && (await this.#sweepTasks())) await pause(this.#deps.clock, restMs)
    while (!this.#isStopped && (await this.#sweepUploads())) await pause(this.#deps.clock, restMs)
  }

  #goOn(): void {
    if (!this.#isStopped) this.start()
  }

  /** True when there may be more. */
  async #sweepTasks(): Promise<boolean> {
    const { journal, artifacts, clock, policy } = this.#deps
    const now = clock.now()
    const retained = { settledBefore: now - policy.retainDays * dayMs, tasksPerTenant: policy.retainTasks, now }
    const numbers = await journal.retention.candidates(retained, batchTasks)
    if (numbers.length === 0) return false
    // A crash after this leaves files that nobody knows: the next start finds them.
    for (const id of await journal.retention.forget(numbers, batchEvents)) await artifacts.remove(id)
    return true
  }

  async #sweepUploads(): Promise<boolean> {
    const { journal, uploads, clock, policy } = this.#deps
    const places = await journal.uploads.prune(clock.now() - policy.retainUploadHours * hourMs, batchUploads)
    for (const { tenant, id } of places) await uploads.remove(tenant, id)
    return places.length === batchUploads
  }
}
