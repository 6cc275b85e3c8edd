import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Clock } from '../../system/clock.ts'
import type { StreamLimits } from '../limits.ts'

const asText = { binary: false }

/** The way out to one reader: bounded, and cut when the reader does not keep up. */
export class Outbox {
  readonly #socket: WebSocket
  readonly #stream: Socket
  readonly #clock: Clock
  readonly #limits: StreamLimits
  readonly #onTooSlow: () => void
  #waiting: (() => void)[] = []
  #stopDeadline: (() => void) | undefined
  #corked = false
  #closed = false

  constructor(socket: WebSocket, stream: Socket, clock: Clock, limits: StreamLimits, onTooSlow: () => void) {
    this.#socket = socket
    this.#stream = stream
    this.#clock = clock
    this.#limits = limits
    this.#onTooSlow = onTooSlow
    stream.on('drain', () => this.#drained())
  }

  get full(): boolean {
    return this.#socket.bufferedAmount >= this.#limits.fullBytes
  }

  send(message: string | Buffer): void {
    if (this.#closed) return
    if (this.#socket.bufferedAmount > this.#limits.overflowBytes) {
      this.#onTooSlow()
      return
    }
    this.#cork()
    this.#socket.send(message, asText)
    this.watch()
  }

  /** Starts the reader's time to catch up, if there is something to catch up with. */
  watch(): void {
    if (this.#closed || this.#stopDeadline || !this.full) return
    this.#stopDeadline = this.#clock.after(this.#limits.fullMs, this.#onTooSlow)
  }

  async room(): Promise<void> {
    if (this.#closed || !this.full) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Nothing more is sent; whoever waits for room is let go. */
  close(): void {
    this.#closed = true
    this.#drained()
  }

  #drained(): void {
    this.#stopDeadline?.()
    this.#stopDeadline = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** What one turn of the loop sends leaves in one system call. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#corked = false
      this.#stream.uncork()
    })
  }
}
