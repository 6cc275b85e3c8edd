/** A load generator that costs little itself, so that it is the server that is measured: prepared bytes, bare sockets. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Target {
  readonly url: URL
  /** One whole request, with its headers. */
  readonly request: Buffer
}

export function post(url: URL, path: string, headers: Readonly<Record<string, string>>, body: unknown): Target {
  const json = JSON.stringify(body)
  const lines = Object.entries({
    host: url.host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(json)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return { url, request: Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${json}`) }
}

/** Requests a second over so many keep-alive connections, each with one request under way at a time. */
export async function requestsPerSecond(target: Target, connections: number, milliseconds: number): Promise<number> {
  const clients = await Promise.all(Array.from({ length: connections }, () => Connection.open(target)))
  const before = performance.now()
  const until = before + milliseconds
  let answered = 0
  const keepAsking = async (client: Connection) => {
    while (performance.now() < until) {
      await client.ask()
      answered++
    }
  }
  await Promise.all(clients.map(keepAsking))
  const seconds = (performance.now() - before) / 1000
  for (const client of clients) client.close()
  return answered / seconds
}

/** How long each of so many requests took, one after the other. */
export async function latenciesMs(target: Target, requests: number): Promise<number[]> {
  const client = await Connection.open(target)
  const latencies: number[] = []
  for (let request = 0; request < requests; request++) {
    const before = performance.now()
    await client.ask()
    latencies.push(performance.now() - before)
  }
  client.close()
  return latencies
}

const headEnd = Buffer.from('\r\n\r\n')

/** One connection; understands no more of HTTP than our servers speak. */
export class Connection {
  readonly #socket: Socket
  readonly #request: Buffer
  #received: Buffer = Buffer.alloc(0)
  #answered = Promise.withResolvers<string>()

  static async open({ url, request }: Target): Promise<Connection> {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    await once(socket, 'connect')
    return new Connection(socket, request)
  }

  private constructor(socket: Socket, request: Buffer) {
    this.#socket = socket
    this.#request = request
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) => this.#answered.reject(error))
  }

  /** What it is answered. */
  ask(): Promise<string> {
    this.#answered = Promise.withResolvers()
    this.#socket.write(this.#request)
    return this.#answered.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const head = this.#received.indexOf(headEnd)
    if (head < 0) return
    const text = this.#received.toString('latin1', 0, head)
    if (!text.startsWith('HTTP/1.1 202')) {
      this.#answered.reject(new Error(text.split('\r\n', 1)[0]))
      return
    }
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN)
    const body = this.#received.subarray(head + headEnd.length)
    if (body.length < length) return
    this.#received = Buffer.alloc(0)
    this.#answered.resolve(body.toString())
  }
}
