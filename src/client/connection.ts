import type { Inbound } from '../contract/inbound.ts'
import type { Outbound } from '../contract/outbound.ts'
import { Inbox } from './inbox.ts'
import type { Rest } from './rest.ts'
import { socketOf } from './socket.ts'
import type { Patience } from './stream-options.ts'

/** A connection that is over before its work was done: what is left can be had over another one. */
export class Lost extends Error {
  override readonly name = 'Lost'
  /** Nothing is wrong: its token had its time, and another connection has another one or is refused. */
  readonly isTurnover: boolean

  constructor(message?: string, { isTurnover = false, ...options }: ErrorOptions & { isTurnover?: boolean } = {}) {
    super(message, options)
    this.isTurnover = isTurnover
  }
}

/** One stream: what comes is taken from its inbox. */
export class Connection {
  readonly #socket: WebSocket
  readonly #inbox: Inbox
  readonly #opened: Promise<void>
  #nowOpen!: () => void
  #neverOpen!: (lost: Lost) => void
  readonly #timers: ReturnType<typeof setTimeout>[] = []
  #reason: string | undefined
  #quietPeriods = 0
  readonly #signal: AbortSignal | undefined
  readonly #aborted = () => this.close()

  private constructor(socket: WebSocket, { openMs, silenceMs, mostUnread }: Patience, signal?: AbortSignal) {
    this.#socket = socket
    this.#signal = signal
    this.#inbox = new Inbox(mostUnread)
    // Not `withResolvers`: the hosts of older editors have none.
    this.#opened = new Promise((resolve, reject) => {
      this.#nowOpen = resolve
      this.#neverOpen = reject
    })
    this.#opened.catch(() => {})
    this.#timers.push(setTimeout(() => this.#give('it could not be opened in time'), openMs))
    socket.addEventListener('open', () => {
      clearTimeout(this.#timers.pop())
      this.#timers.push(setInterval(() => this.#listen(), silenceMs))
      this.#nowOpen()
    })
    socket.addEventListener('message', ({ data }) => this.#receive(data))
    socket.addEventListener('error', () => this.#give('the connection broke'))
    socket.addEventListener('close', ({ code }) => this.#give(`the connection was closed with code ${code}`))
    signal?.addEventListener('abort', this.#aborted)
    if (signal?.aborted) this.close()
  }

  /**
   * Resolves once it is open. Throws Lost, which does not say why, since no runtime tells; and MayflyError where no ticket
   * is to be had. The signal closes it.
   */
  static async open(rest: Rest, patience: Patience, signal?: AbortSignal): Promise<Connection> {
    const connection = new Connection(await socketOf(rest), patience, signal)
    await connection.#opened
    return connection
  }

  send(message: Inbound): void {
    if (this.#reason === undefined) this.#socket.send(JSON.stringify(message))
  }

  /** What has come, at least one message. Throws Lost when nothing more will. */
  async take(): Promise<readonly Outbound[]> {
    const messages = await this.#inbox.take()
    if (messages.length > 0) return messages
    throw new Lost(this.#reason)
  }

  close(): void {
    this.#give('it was closed here')
  }

  #receive(data: unknown): void {
    this.#quietPeriods = 0
    const message = read(data)
    if (this.#inbox.full) this.#give('too much was unread')
    else if (message) this.#inbox.put(message)
    else this.#give('something came that is not JSON')
  }

  /** A socket may stay silent for ever without an error: a cable was pulled, a proxy forgot it. */
  #listen(): void {
    this.#quietPeriods++
    if (this.#quietPeriods > 1) this.#give('nothing was heard any more')
    else this.send({ type: 'ping', ref: 'still-there' })
  }

  #give(reason: string): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.#signal?.removeEventListener('abort', this.#aborted)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#neverOpen(new Lost(reason))
    this.#inbox.end()
    // A server that has fallen silent keeps the socket until TCP gives it up: no runtime offers a harder way.
    this.#socket.close()
  }
}

function read(data: unknown): Outbound | undefined {
  try {
    return JSON.parse(String(data))
  } catch {
    return undefined
  }
}
