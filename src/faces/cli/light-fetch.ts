/**
 * A `fetch` for what commands mostly ask: text, or nothing, is sent, and an answer comes. Node's own loads a client of
 * its own and compiles its WebAssembly, which is a fifth of the time that a command takes (measured). It still gets
 * whatever this one cannot do.
 */
import type { IncomingMessage } from 'node:http'
import type { ReadableStream } from 'node:stream/web'
import type { Answer, Asked, Fetch } from '../../client/asking.ts'

/** As long as Node's own waits for a connection. */
const connectMs = 10_000

export const lightFetch: Fetch = async (url, asked) => {
  const { body } = asked
  if (body !== undefined && typeof body !== 'string') return fetch(url, asked)
  const message = await messageOf(url, asked, body)
  if (!isSentOn(message)) return new MessageAnswer(message)
  // Where an answer sends on, nothing has been done yet: it is asked once more by who knows how to follow.
  message.destroy()
  return fetch(url, asked)
}

function messageOf(url: URL, { method, headers, signal }: Asked, body?: string): Promise<IncomingMessage> {
  // An import would read all names of the module, and one of them is the client that is not to be loaded.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ...(signal && { signal }) }, resolve)
    const giveUp = () => sent.destroy(new Error(`no connection within ${connectMs / 1_000} seconds`))
    const timer = setTimeout(giveUp, connectMs)
    // What has been sent has found a connection: the answer may take longer.
    for (const event of ['finish', 'close']) sent.once(event, () => clearTimeout(timer))
    sent.on('error', reject)
    sent.end(body)
  })
}

function isSentOn({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode < 400 && headers.location !== undefined
}

class MessageAnswer implements Answer {
  readonly #message: IncomingMessage
  readonly status: number
  readonly ok: boolean
  readonly headers: Answer['headers']

  constructor(message: IncomingMessage) {
    this.#message = message
    this.status = message.statusCode ?? 0
    this.ok = this.status >= 200 && this.status < 300
    this.headers = { get: (name) => message.headersDistinct[name.toLowerCase()]?.join(', ') ?? null }
  }

  get body(): Answer['body'] {
    const { Readable } = process.getBuiltinModule('node:stream')
    return Readable.toWeb(this.#message) as ReadableStream<Uint8Array> as Answer['body']
  }

  async text(): Promise<string> {
    const parts: Buffer[] = []
    for await (const part of this.#message) parts.push(part as Buffer)
    return new TextDecoder().decode(Buffer.concat(parts))
  }
}
