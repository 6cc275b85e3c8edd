import type { Clock } from '../../system/clock.ts'
import type { Logger } from '../../system/logger.ts'
import { Refusal } from '../../task/errors.ts'
import type { TaskEvent } from '../../task/task.ts'
import { JournalUnusable } from '../journal.ts'
import type { Backlog } from './backlog.ts'
import { Contention } from './contention.ts'
import { messageOf, type Obstacle } from './failures.ts'
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

/** What keeps everything from the disk for now, and what met it, in its order. */
interface Met {
  readonly obstacle: Obstacle
  readonly unwritten: Write[]
}

/** How long a write that nobody waits for waits for company, and how many of them may. */
const lingerMs = 20
const lingerBytes = 256 * 1024

/**
 * Group commit: what one turn of the event loop brings is sent to the thread that writes as one batch, and that thread
 * makes durable, with one fsync, whatever has come by then.
 */
export class Commits {
  readonly #options: CommitsOptions
  readonly #contention: Contention
  readonly #listeners: Listeners<readonly TaskEvent[]>
  #gathering: Write[] = []
  /** Something of what gathers has to be written now. */
  #isUrgent = false
  #isSending = false
  /** What was sent and is not answered yet. */
  readonly #underWay = { batches: 0, operations: 0, bytes: 0 }
  /** What keeps everything from the disk, and what met it so far, in its order. */
  #met: Met | undefined
  #whenIdle: (() => void) | undefined
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
    else this.#sendSoon()
  }

  /** Accepts nothing more, and resolves when everything that was accepted is on disk or has been refused. */
  async close(): Promise<void> {
    this.#refusal ??= stopping()
    this.#options.space.stop()
    this.#contention.stop()
    if (this.#gathering.length > 0) this.#sendSoon()
    if (!this.#isIdle) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
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

  get #isIdle(): boolean {
    return this.#gathering.length === 0 && this.#underWay.batches === 0 && !this.#met
  }

  #linger(): void {
    this.#stopLingering ??= this.#options.clock.after(lingerMs, () => this.#sendSoon())
  }

  /** What the same turn of the event loop still brings belongs to the same batch. */
  #sendSoon(): void {
    this.#stopLingering?.()
    this.#stopLingering = undefined
    this.#isUrgent = true
    if (this.#isSending) return
    this.#isSending = true
    setImmediate(() => {
      this.#isSending = false
      this.#send()
    })
  }

  /** Without waiting for what is under way, as long as all of it together is no more than one batch may be. */
  #send(): void {
    while (this.#isUrgent && !this.#met) {
      const batch = this.#nextBatch()
      if (batch.length === 0) break
      void this.#commit(batch)
    }
    if (this.#isIdle) this.#whenIdle?.()
  }

  #nextBatch(): Write[] {
    const { batchLimitOperations, batchLimitBytes } = this.#options
    let { operations, bytes } = this.#underWay
    let count = 0
    for (const write of this.#gathering) {
      bytes += write.bytes
      const isFull = operations >= batchLimitOperations || bytes > batchLimitBytes
      if (operations > 0 && isFull && !(count > 0 && write.withPrevious)) break
      operations++
      count++
    }
    const batch = this.#gathering.splice(0, count)
    this.#isUrgent &&= this.#gathering.length > 0
    return batch
  }

  async #commit(batch: readonly Write[]): Promise<void> {
    const { writer, space } = this.#options
    this.#count(batch, 1)
    let reply: Reply
    try {
      reply = await writer.commit(batch.map(({ operation }) => operation))
    } catch (error) {
      this.#count(batch, -1)
      this.fail(error, batch)
      return this.#send()
    }
    this.#count(batch, -1)
    this.#land(batch, reply.results)
    const { obstacle, results } = reply
    if (obstacle) {
      this.#met ??= { obstacle, unwritten: [] }
      this.#met.unwritten.push(...batch.slice(results.length))
    } else {
      space.landed()
      this.#contention.landed()
    }
    if (this.#met && this.#underWay.batches === 0) await this.#getPast(this.#met)
    this.#send()
  }

  /** Nothing is under way any more, so that everything keeps its order. */
  async #getPast({ obstacle, unwritten }: Met): Promise<void> {
    await (obstacle === 'full' ? this.#hold(unwritten) : this.#standBack(unwritten))
    this.#options.writer.goOn()
    this.#met = undefined
  }

  #count(batch: readonly Write[], by: 1 | -1): void {
    this.#underWay.batches += by
    for (const { bytes } of batch) {
      this.#underWay.operations += by
      this.#underWay.bytes += by * bytes
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
