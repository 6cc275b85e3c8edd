import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export type Body = string | Buffer | Iterable<string | Buffer> | AsyncIterable<string | Buffer>

/** What goes wrong on the wire while an answer is sent. */
export type Wire =
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'cut'; readonly afterBytes: number }
  | { readonly kind: 'stall'; readonly afterBytes: number }
  | { readonly kind: 'delay'; readonly ms: number }

/** What an endpoint says, as data: faults change it before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
  readonly wire?: Wire
}

/** A refusal in Salesforce's own words; endpoints throw it. `fields` are the fields it is about. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly fields: readonly string[]

  constructor(status: number, code: string, message: string, fields: readonly string[] = []) {
    super(message)
    this.status = status
    this.code = code
    this.fields = fields
  }
}

export const notFound = () => new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist')

export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
    body: JSON.stringify(value),
  }
}

export function empty(status = 204): Answer {
  return { status }
}

export function csv(body: Body, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'text/csv', ...headers }, body }
}

export function xml(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body }
}

/** The body of a REST error is a list. */
export function refusal({ status, code, message, fields }: ApiError): Answer {
  return json([{ message, errorCode: code, ...(fields.length > 0 ? { fields } : {}) }], status)
}

/** Sends an answer, with whatever happens to it on the way. Resolves when it is out or the connection has gone. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const { wire } = answer
  if (wire?.kind === 'reset') return reset(response)
  if (wire?.kind === 'silence') return
  if (wire?.kind === 'delay') await pause(wire.ms, undefined, { ref: false })
  const limit = wire?.kind === 'cut' || wire?.kind === 'stall' ? wire.afterBytes : Number.POSITIVE_INFINITY
  response.writeHead(answer.status, headersOf(answer))
  if (limit !== Number.POSITIVE_INFINITY) response.flushHeaders()
  await sendBody(response, answer.body, limit)
  if (wire?.kind === 'stall') return
  if (wire?.kind === 'cut') response.socket?.destroy()
  else response.end()
}

async function sendBody(response: ServerResponse, body: Body | undefined, limitBytes: number): Promise<void> {
  let left = limitBytes
  for await (const chunk of chunksOf(body)) {
    if (response.destroyed || left <= 0) return
    const part = chunk.subarray(0, left)
    left -= part.length
    if (left <= 0) await flushed(response, part)
    else if (!response.write(part)) await drained(response)
  }
}

export async function textOf(body: Body | undefined): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of chunksOf(body)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function* chunksOf(body: Body | undefined): AsyncGenerator<Buffer> {
  if (body === undefined) return
  const chunks = typeof body === 'string' || Buffer.isBuffer(body) ? [body] : body
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

/** Waits until the bytes have left this process, so that the other side reads them before the end. */
function flushed(response: ServerResponse, part: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.write(part, () => resolve())
  })
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

function headersOf({ headers, body, wire }: Answer): Record<string, string> {
  const isWhole = (typeof body === 'string' || Buffer.isBuffer(body)) && wire?.kind !== 'stall'
  return { ...headers, ...(isWhole ? { 'content-length': String(Buffer.byteLength(body)) } : {}) }
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}
