import { zeroableArray } from '../system/zeroable.ts'
import { type Frame, HEADER_BYTES, isFrameType, MAX_FRAME_BYTES } from './frame.ts'

/** The other side does not speak the protocol; the message says in what way. */
export class BrokenFrame extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BrokenFrame'
  }
}

/**
 * Cuts a byte stream into frames, however it was chopped. It holds at most one unfinished frame; a header is judged as
 * soon as it is whole, so that a huge length never makes it wait for the bytes.
 */
export class FrameParser {
  readonly #maxBytes: number
  #header = new Uint8Array(HEADER_BYTES)
  #headerFilled = 0
  /** May be a secret. */
  #body: Uint8Array | undefined
  #bodyFilled = 0

  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Throws BrokenFrame when the stream ended inside a frame. */
  end(): void {
    if (this.#headerFilled > 0) throw new BrokenFrame('it closed its report channel inside a frame')
  }

  /** Wipes what it has of a frame that will not be whole. */
  forget(): void {
    this.#body?.fill(0)
    this.#body = undefined
    this.#bodyFilled = 0
    this.#headerFilled = 0
  }

  /**
   * The frames that this chunk completes, one by one, so that what was said before a broken frame still counts. Take all
   * of them before the next chunk. Throws BrokenFrame; the stream is of no use after that.
   */
  *push(chunk: Uint8Array): Generator<Frame, void, void> {
    for (let at = 0; at < chunk.length; ) {
      if (!this.#body) at = this.#fillHeader(chunk, at)
      if (this.#body) at = this.#fillBody(chunk, at)
      if (this.#bodyIsFull()) yield this.#take()
    }
  }

  #fillHeader(chunk: Uint8Array, at: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerFilled, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + taken), this.#headerFilled)
    this.#headerFilled += taken
    if (this.#headerFilled === HEADER_BYTES) this.#body = zeroableArray(this.#announcedBytes())
    return at + taken
  }

  #announcedBytes(): number {
    const view = new DataView(this.#header.buffer)
    const length = view.getUint32(0)
    const type = view.getUint8(4)
    if (!isFrameType(type)) throw new BrokenFrame(`it sent a frame of the unknown type ${type}`)
    if (length > this.#maxBytes) {
      throw new BrokenFrame(`it sent a frame of ${length} bytes, over the limit of ${this.#maxBytes}`)
    }
    return length
  }

  #fillBody(chunk: Uint8Array, at: number): number {
    const body = this.#body as Uint8Array
    const taken = Math.min(body.length - this.#bodyFilled, chunk.length - at)
    body.set(chunk.subarray(at, at + taken), this.#bodyFilled)
    this.#bodyFilled += taken
    return at + taken
  }

  #bodyIsFull(): boolean {
    return this.#body !== undefined && this.#bodyFilled === this.#body.length
  }

  #take(): Frame {
    const type = this.#header[4] as Frame['type']
    const bytes = this.#body as Uint8Array
    this.#body = undefined
    this.#bodyFilled = 0
    this.#headerFilled = 0
    return { type, bytes }
  }
}
