/**
 * A `fetch` for what commands mostly ask: text, or nothing, is sent, and an answer comes. Node's own loads a client of
 * its own and compiles its WebAssembly, which is a fifth of the time that a command takes (measured). It still gets
 * whatever this one cannot do.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ReadableStream } from 'node:stream/web'
import type { Answer, Asked, Fetch } from '../../client/asking.ts'

interface Patience {
  /** For a connection. */
  readonly connectMs: number
  /** For an answer, and for more of it. */
  readonly idleMs: number
}

/** As long as Node's own waits. */
export const lightFetch = lightFetchWith({ connectMs: 10_000, idleMs: 300_000 })

export function lightFetchWith(patience: Patience): Fetch {
  return async (url, asked) => {
    const { body } = asked
    if (body !== undefined && typeof body !== 'string') return fetch(url, asked)
    const message = await messageOf(url, asked, body, patience)
    if (!isForNodesOwn(asked, message)) return new MessageAnswer(message)
    message.destroy()
    return fetch(url, asked)
  }
}

/** Some gates let nobody through who does not say who asks. */
const usual = { 'user-agent': 'mayfly', accept: '*/*' }

function messageOf(url: URL, asked: Asked, body: string | undefined, patience: Patience): Promise<IncomingMessage> {
  // An import would read all names of the module, and one of them is the client that is not to be loaded.
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  const { method, signal } = asked
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const headers = { ...usual, ...asked.headers, ...length }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, ...(signal && { signal }) }, resolve)
    limit(sent, url, patience)
    sent.on('error', reject)
    // Where there was an answer, this says nothing any more.
    sent.once('close', () => reject(new Error('the connection was closed without an answer')))
    sent.end(body)
  })
}

function limit(sent: ClientRequest, { protocol }: URL, { connectMs, idleMs }: Patience): void {
  const giveUp = () => sent.destroy(new Error(`no connection within ${connectMs / 1_000} seconds`))
  const timer = setTimeout(giveUp, connectMs)
  const disarm = () => clearTimeout(timer)
  sent.once('close', disarm)
  sent.once('socket', (socket: Socket) => {
    if (socket.connecting) socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', disarm)
    else disarm()
  })
  sent.setTimeout(idleMs, () => sent.destroy(new Error(`nothing came for ${idleMs / 1_000} seconds`)))
}

const sendingOn = [301, 302, 307, 308]
/** What was asked has been done: nothing but a question may be asked twice. */
const seeOther = 303

/** It knows how to follow where an answer sends on and nothing has been done yet, and to unpack. */
function isForNodesOwn({ method }: Asked, { statusCode = 0, headers }: IncomingMessage): boolean {
  if (headers.location !== undefined && sendingOn.includes(statusCode)) return true
  if (method !== 'GET') return false
  const { location, 'content-encoding': packing = 'identity' } = headers
  return packing !== 'identity' || (location !== undefined && statusCode === seeOther)
}

class MessageAnswer implements Answer {
  readonly #message: IncomingMessage
  #body: Answer['body'] | undefined
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
    this.#body ??= Readable.toWeb(this.#message) as ReadableStream<Uint8Array> as Answer['body']
    return this.#body
  }

  async text(): Promise<string> {
    const parts: Buffer[] = []
    for await (const part of this.#message) parts.push(part as Buffer)
    return new TextDecoder().decode(Buffer.concat(parts))
  }
}
