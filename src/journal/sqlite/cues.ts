import { closeSync } from 'node:fs'
import type { Cue } from '../cue.ts'

/** Between the main thread and the one that writes: the descriptor to write to, `none`, or `gone` when it is too late. */
export type CueCell = Int32Array<SharedArrayBuffer>

const none = 0
export const gone = -1

/** Gives out one cue at a time: who wants another meanwhile has to do without. */
export class Cues {
  readonly cell: CueCell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #isOut = false

  take(bytes: Uint8Array): SqliteCue | undefined {
    if (this.#isOut) return undefined
    this.#isOut = true
    Atomics.store(this.cell, 0, none)
    return new SqliteCue(bytes, this.cell, () => {
      this.#isOut = false
    })
  }
}

export class SqliteCue implements Cue {
  readonly bytes: Uint8Array
  readonly #cell: CueCell
  readonly #back: () => void
  #descriptor: number | undefined
  #isOver = false

  constructor(bytes: Uint8Array, cell: CueCell, back: () => void) {
    this.bytes = bytes
    this.#cell = cell
    this.#back = back
  }

  giveTo(descriptor: number): void {
    if (this.#isOver || this.#descriptor !== undefined) {
      closeSync(descriptor)
      return
    }
    this.#descriptor = descriptor
    Atomics.compareExchange(this.#cell, 0, none, descriptor)
  }

  /** Once it is known what became of its move: nobody writes to the descriptor any more. */
  end(): void {
    this.#isOver = true
    Atomics.store(this.#cell, 0, gone)
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#back()
  }
}
