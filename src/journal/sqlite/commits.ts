import type { Clock } from '../../system/clock.ts'
import type { Logger } from '../../system/logger.ts'
import { Refusal } from '../../task/errors.ts'
import type { TaskEvent } from '../../task/task.ts'
import { JournalUnusable } from '../journal.ts'
import type { Backlog } from './backlog.ts'
import { Contention } from './contention.ts'
import { messageOf } from './failures.ts'
import { Listeners } from './listeners.ts'
import type { Reply, Result } from './reply.ts'
import type { Space } from './space.ts'
import type { Writer } from './threads.ts'
import { addCommitted, answer, type Write } from './write.ts'

export interface CommitsOptions {
  readonly writer: Writer
  readonly space: Space
  readonly backlog: Backlog
  readonly clock: Clock
  readonly logger: Logger
  readonly batchLimitOperations: number
  readonly batchLimitBytes: number
}

/** How long a write that nobody waits for waits for company, and how many of them may. */
const lingerMs = 20
const lingerBytes = 256 * 1024

/** Group commit: while one batch is being made durable, the next one gathers. One batch is one fsync. */
export class Commits {
  readonly #options: CommitsOptions
  readonly #contention: Contention
  readonly #listeners: Listeners<readonly TaskEvent[]>
  #gathering: Write[] = []
  #committing: Promise<void> | undefined
  /** Something of what gathers has to be written now. */
  #isUrgent = false
  #stopLingering: (() => void) | undefined
  /** Why nothing more is accepted, once that is so. */
  #refusal: Error | undefined
  readonly #loss = Promise.withResolvers<JournalUnusable>()
  #failed = false

  constructor(options: CommitsOptions) {
    this.#options = options
    this.#contention = new Contention(options.clock, options.logger)
    this.#listeners = new Listeners(options.logger)
  }

  get failed(): boolean {
    return this.#failed
  }

  /** Resolves when writing has failed for good. */
  get lost(): Promise<JournalUnusable> {
    return this.#loss.promise
  }

  onCommit(listen: (events: readonly TaskEvent[]) => void): void {
    this.#listeners.add(listen)
  }

  write(write: Write): void {
    const refusal = this.#refusal ?? (write.canWait && this.#options.space.full ? storeFull() : undefined)
    if (refusal) {
      write.reject(refusal)
      return
    }
    this.#options.backlog.grow(write.bytes)
    this.#gathering.push(write)
    if (write.canLinger && this.#options.backlog.bytes < lingerBytes) this.#linger()
    else this.#commitNow()
  }

  /** Accepts nothing more, and resolves when everything that was accepted is on disk or has been refused. */
  async close(): Promise<void> {
    this.#refusal ??= stopping()
    this.#options.space.stop()
    this.#contention.stop()
    if (this.#gathering.length > 0) this.#commitNow()
    await this.#committing
  }

  /** The writing thread is lost, or does not know what is on disk: from here on nothing may be promised. */
  fail(cause: unknown, unanswered: readonly Write[] = []): void {
    const error = new JournalUnusable(
      `The journal stopped writing (${messageOf(cause)}): restart Mayfly; what had been accepted is taken up from disk.`,
      { cause },
    )
    if (!this.#failed) this.#options.logger.error({ err: cause }, error.message)
    this.#failed = true
    this.#refusal = error
    this.#loss.resolve(error)
    this.#refuse([...unanswered, ...this.#gathering.splice(0)], error)
  }

  #linger(): void {
    if (this.#committing) return
    this.#stopLingering ??= this.#options.clock.after(lingerMs, () => this.#commitNow())
  }

  #commitNow(): void {
    this.#stopLingering?.()
    this.#stopLingering = undefined
    this.#isUrgent = true
    this.#committing ??= this.#commitAll()
  }

  async #commitAll(): Promise<void> {
    // What the same turn of the event loop still brings belongs to the first batch.
    await new Promise(setImmediate)
    while (this.#isUrgent && this.#gathering.length > 0) await this.#commit(this.#nextBatch())
    this.#committing = undefined
    if (this.#gathering.length > 0) this.#linger()
  }

  #nextBatch(): Write[] {
    const { batchLimitOperations, batchLimitBytes } = this.#options
    let bytes = 0
    let count = 0
    for (const write of this.#gathering) {
      bytes += write.bytes
      const isFull = count >= batchLimitOperations || bytes > batchLimitBytes
      if (count > 0 && isFull && !write.withPrevious) break
      count++
    }
    const batch = this.#gathering.splice(0, count)
    this.#isUrgent = this.#gathering.length > 0
    return batch
  }

  async #commit(batch: readonly Write[]): Promise<void> {
    let reply: Reply
    try {
      reply = await this.#options.writer.commit(batch.map(({ operation }) => operation))
    } catch (error) {
      this.fail(error, batch)
      return
    }
    this.#land(batch, reply.results)
    const unwritten = batch.slice(reply.results.length)
    if (reply.obstacle === 'full') await this.#hold(unwritten)
    else if (reply.obstacle === 'busy') await this.#standBack(unwritten)
    else {
      this.#options.space.landed()
      this.#contention.landed()
    }
  }

  /** Publishes first: who awaits a write may rely on its events being out. */
  #land(batch: readonly Write[], results: readonly Result[]): void {
    const events: TaskEvent[] = []
    for (const [index, result] of results.entries()) addCommitted(events, batch[index] as Write, result)
    if (events.length > 0) this.#listeners.tell(events)
    for (const [index, result] of results.entries()) {
      const write = batch[index] as Write
      this.#options.backlog.shrink(write.bytes)
      answer(write, result)
    }
  }

  /** Keeps what must be written, in its order, and refuses the rest until there is space. */
  async #hold(unwritten: readonly Write[]): Promise<void> {
    const all = [...unwritten, ...this.#gathering]
    const refused = (write: Write) => write.canWait || this.#refusal !== undefined
    this.#gathering = all.filter((write) => !refused(write))
    const tryAgain = this.#refusal ? undefined : this.#options.space.ranOut(this.#gathering.length > 0)
    this.#refuse(all.filter(refused), storeFull())
    await tryAgain
    this.#isUrgent = this.#gathering.length > 0
  }

  /** Keeps everything, in its order: whoever has the database locked lets go of it some time. */
  async #standBack(unwritten: readonly Write[]): Promise<void> {
    this.#gathering.unshift(...unwritten)
    const isWorthTrying = await this.#contention.met()
    if (!isWorthTrying) this.#refuse(this.#gathering.splice(0), this.#refusal ?? stopping())
    this.#isUrgent = this.#gathering.length > 0
  }

  #refuse(writes: readonly Write[], error: Error): void {
    for (const write of writes) {
      this.#options.backlog.shrink(write.bytes)
      write.reject(error)
    }
  }
}

function stopping(): Refusal {
  return new Refusal('STOPPING', 'The journal is closed: nothing more is written.')
}

function storeFull(): Refusal {
  return new Refusal('STORE_FULL', 'The disk of the orchestrator is full: try again when there is space.')
}
