import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Session } from './sessions.ts'

/** Salesforce takes 150 MB a batch after base64; nothing here sends more. */
const maxBodyBytes = 200 * 1024 * 1024

/** One request as an endpoint sees it. */
export interface EmulatedRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  /** What the path's pattern named: `:object` becomes `params.object`. */
  readonly params: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Name of the SOAP call (`deploy`) or of the OAuth grant (`refresh_token`); null for everything else. */
  readonly call: string | null
  /** Who asks; null at endpoints that are open to everyone. */
  readonly session: Session | null
}

export async function readRequest(incoming: IncomingMessage): Promise<EmulatedRequest> {
  const url = incoming.url ?? '/'
  const parsed = new URL(url, 'http://emulator')
  const path = parsed.pathname.length > 1 ? parsed.pathname.replace(/\/$/, '') : parsed.pathname
  const body = await readBody(incoming)
  const request = { method: incoming.method ?? 'GET', url, path, query: parsed.searchParams, body }
  return { ...request, params: {}, headers: incoming.headers, call: callOf(path, body), session: null }
}

export function jsonOf<T = Record<string, unknown>>({ body }: EmulatedRequest): T {
  return (body.length === 0 ? {} : JSON.parse(body.toString())) as T
}

export function formOf({ body }: EmulatedRequest): URLSearchParams {
  return new URLSearchParams(body.toString())
}

/** The access token of the header or of the SOAP envelope. */
export function tokenOf({ headers, path, body }: EmulatedRequest): string | null {
  if (path.startsWith('/services/Soap/')) return elementOf(body.toString(), 'sessionId')
  return /^(?:Bearer|OAuth) (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null
}

/** Text of the first element with this local name. */
export function elementOf(text: string, name: string): string | null {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(text)?.[1] ?? null
}

function callOf(path: string, body: Buffer): string | null {
  if (path === '/services/oauth2/token') return new URLSearchParams(body.toString()).get('grant_type')
  if (!path.startsWith('/services/Soap/')) return null
  return /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body.toString())?.[1] ?? null
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw new Error(`A request had more than ${maxBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
