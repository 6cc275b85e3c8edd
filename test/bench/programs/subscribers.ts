/** Readers of a broadcast, cheap enough to leave the server the bottleneck: bare sockets that count frames. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { answerWith } from './answer.ts'

export interface Subscribe {
  readonly clients: number
  readonly url: string
  readonly token: string
  /** What each client sends first; empty for none. */
  readonly message: string
}

/** Asks for the outcome once every client has had so many events. */
export interface Await {
  readonly events: number
}

/** Between the first event that counts and the last, over all clients. */
export interface Delivered {
  readonly perSecond: number
}

/** What surrounds the flood and comes at its own time: queued, starting, started, and the first event itself. */
const lead = 4

let readers: Reader[] = []

answerWith<Subscribe | Await>({}, async (question) => {
  if ('events' in question) return await outcome(question.events)
  readers = await Promise.all(Array.from({ length: question.clients }, () => subscribe(question)))
  return {}
})

async function outcome(events: number): Promise<Delivered> {
  await Promise.all(readers.map((reader) => reader.reached(events)))
  const first = Math.min(...readers.map((reader) => reader.firstAt))
  const last = Math.max(...readers.map((reader) => reader.lastAt))
  for (const reader of readers) reader.close()
  return { perSecond: ((events - lead) * readers.length * 1000) / (last - first) }
}

async function subscribe({ url, token, message }: Subscribe): Promise<Reader> {
  const { hostname, port, host, pathname } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n` +
      `authorization: Bearer ${token}\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${btoa('0123456789abcdef')}\r\n\r\n`,
  )
  const reader = new Reader(socket)
  await reader.open
  if (message !== '') socket.write(frameOf(message))
  return reader
}

/** A masked text frame, as clients must send them; the mask is zero. */
function frameOf(message: string): Buffer {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes])
}

const eventStart = Buffer.from('{"type":"event"')

class Reader {
  readonly open: Promise<void>
  firstAt = Infinity
  lastAt = 0
  #events = 0
  #wanted = Infinity
  #rest: Buffer = Buffer.alloc(0)
  readonly #socket: Socket
  readonly #done = Promise.withResolvers<void>()

  constructor(socket: Socket) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.open = promise
    this.#socket = socket
    socket.once('data', (answer: Buffer) => {
      const end = answer.indexOf('\r\n\r\n') + 4
      if (!answer.toString('latin1', 0, end).startsWith('HTTP/1.1 101')) return reject(new Error('no upgrade'))
      this.#read(answer.subarray(end))
      socket.on('data', (chunk: Buffer) => this.#read(chunk))
      resolve()
    })
    socket.on('close', () => this.#done.reject(new Error(`a subscriber was cut after ${this.#events} events`)))
    this.#done.promise.catch(() => {})
  }

  reached(events: number): Promise<void> {
    this.#wanted = events
    this.#check()
    return this.#done.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (let end = frameEnd(bytes); end > 0 && end <= bytes.length; end = frameEnd(bytes)) {
      if (isEvent(bytes)) this.#count()
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
    this.#check()
  }

  #count(): void {
    this.#events++
    if (this.#events === lead) this.firstAt = performance.now()
  }

  #check(): void {
    if (this.#events < this.#wanted) return
    this.lastAt ||= performance.now()
    this.#done.resolve()
  }
}

/** Where the first frame ends; 0 when not even its header is there. Servers do not mask, and ours stay below 64 KiB. */
function frameEnd(bytes: Buffer): number {
  if (bytes.length < 4) return 0
  const length = (bytes[1] as number) & 0x7f
  return length < 126 ? 2 + length : 4 + bytes.readUInt16BE(2)
}

function isEvent(bytes: Buffer): boolean {
  const start = ((bytes[1] as number) & 0x7f) < 126 ? 2 : 4
  return bytes.compare(eventStart, 0, eventStart.length, start, start + eventStart.length) === 0
}
