import { toEventMessage } from '../contract/present.ts'
import type { Journal } from '../journal/journal.ts'
import type { TaskEvent } from '../task/task.ts'
import type { Hub, Published } from './hub.ts'

/**
 * One reader's way through one task's events, without a gap, a duplicate or a buffer.
 *
 *     replay ──(everything known is sent)──► live ──(reader is full, or an event was passed over)──► replay
 *
 * - It listens to the hub before it first reads. What was committed before that is in the journal when it reads; what
 *   is committed later is published to it. So every event is seen at least once, and `#newestSeq` is never too low for
 *   long.
 * - In replay it sends from the journal only, in order, after its cursor; what is published meanwhile only raises
 *   `#newestSeq`.
 * - It goes live in the same synchronous step in which it finds its cursor at `#newestSeq`: nothing can be published
 *   in between, so nothing falls between the two modes.
 * - Live it sends an event only when that is the one after its cursor; older ones are known already, and anything else
 *   means that it has to read again. So every event is sent at most once, and in order.
 *
 * A slow reader costs no memory here: it falls back to replay and takes events from the journal at its own pace.
 */

export interface Sink {
  /** True while nothing more should be written. */
  readonly full: boolean
  /** Resolves when there is room again, or never will be. */
  room(): Promise<void>
  event(message: Buffer): void
  /** What came before `firstSeq` was pruned; the events from there follow. */
  gap(task: string, firstSeq: number): void
  /** All that existed has been sent; told once. */
  live(): void
  /** The journal could not be read, and the subscription is over. */
  failed(error: unknown): void
}

export interface Followed {
  readonly task: string
  /** The last `seq` that the reader has. */
  readonly after: number
  /** The newest `seq` that there is at least; at or above `after`. */
  readonly lastSeq: number
  readonly hub: Hub
  readonly journal: Pick<Journal, 'events'>
}

const pageEvents = 256

export class Subscription {
  readonly task: string
  readonly #journal: Pick<Journal, 'events'>
  readonly #sink: Sink
  readonly #stopListening: () => void
  #mode: 'replay' | 'live' | 'ended' = 'replay'
  #cursor: number
  #newestSeq: number
  #announced = false

  constructor(followed: Followed, sink: Sink) {
    this.task = followed.task
    this.#journal = followed.journal
    this.#sink = sink
    this.#cursor = followed.after
    this.#newestSeq = followed.lastSeq
    this.#stopListening = followed.hub.listen(followed.task, (published) => this.#receive(published))
    void this.#replay()
  }

  /** The last `seq` sent. */
  get cursor(): number {
    return this.#cursor
  }

  end(): void {
    this.#mode = 'ended'
    this.#stopListening()
  }

  #receive(published: Published): void {
    const { seq } = published.event
    this.#newestSeq = Math.max(this.#newestSeq, seq)
    if (this.#mode !== 'live' || seq <= this.#cursor) return
    if (seq === this.#cursor + 1 && !this.#sink.full) {
      this.#send(seq, published.message)
    } else {
      this.#mode = 'replay'
      void this.#replay()
    }
  }

  async #replay(): Promise<void> {
    try {
      while (this.#mode === 'replay') await this.#replayPage()
    } catch (error) {
      if (this.#ended) return
      this.end()
      this.#sink.failed(error)
    }
  }

  async #replayPage(): Promise<void> {
    await this.#sink.room()
    if (this.#ended) return
    const committedSeq = this.#newestSeq
    const page = await this.#journal.events(this.task, this.#cursor, pageEvents)
    this.#newestSeq = Math.max(this.#newestSeq, page.lastSeq)
    if (this.#ended) return
    this.#passOverPruned(page.events[0]?.seq ?? Math.max(committedSeq, page.lastSeq) + 1)
    await this.#sendPage(page.events)
    if (!this.#ended && this.#cursor >= this.#newestSeq) this.#goLive()
  }

  async #sendPage(events: readonly TaskEvent[]): Promise<void> {
    for (const event of events) {
      if (this.#sink.full) await this.#sink.room()
      if (this.#ended) return
      this.#send(event.seq, toEventMessage(event))
    }
  }

  /** `nextSeq` is the first event left after the cursor; when none is, one past the newest there was when it read. */
  #passOverPruned(nextSeq: number): void {
    if (nextSeq <= this.#cursor + 1) return
    this.#cursor = nextSeq - 1
    this.#sink.gap(this.task, nextSeq)
  }

  #send(seq: number, message: Buffer): void {
    this.#sink.event(message)
    this.#cursor = seq
  }

  #goLive(): void {
    this.#mode = 'live'
    if (this.#announced) return
    this.#announced = true
    this.#sink.live()
  }

  get #ended(): boolean {
    return this.#mode === 'ended'
  }
}
