import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { CueCell } from '../cues.ts'
import type { Crossing } from '../operation.ts'

/** Between the main thread and the one that writes. */
export interface Line {
  readonly port: MessagePort
  /** How many orders were sent: each after its message. */
  readonly sent: Int32Array
  readonly cue: CueCell
}

/** A batch to be written; that it is worth trying again behind an obstacle; or that nothing more will come. */
export type Order = readonly Crossing[] | 'go on' | 'close' | 'close full'

/**
 * What the thread that writes is to do next. It sleeps on a number in place of its event loop: it wakes up sooner and for
 * less, and sees what comes while it is at work.
 */
export class Inbox {
  readonly #line: Line
  #seen = 0

  constructor(line: Line) {
    this.#line = line
  }

  next(): Order {
    for (;;) {
      const order = this.#look()
      if (order !== undefined) return order
      Atomics.wait(this.#line.sent, 0, this.#seen)
      // Before the next look: what is sent after it ends the next wait at once.
      this.#seen = Atomics.load(this.#line.sent, 0)
    }
  }

  /** What came while a batch was written: other batches only, since all other orders wait for its reply. */
  more(): readonly Crossing[] | undefined {
    return this.#look() as readonly Crossing[] | undefined
  }

  #look(): Order | undefined {
    return receiveMessageOnPort(this.#line.port)?.message
  }
}
