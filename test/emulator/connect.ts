import { PassThrough } from 'node:stream'
import { Connection } from 'jsforce/lib/connection.js'
import 'jsforce/lib/api/metadata.js'
import 'jsforce/lib/api/tooling.js'
import type { EmulatedOrg } from './org.ts'

interface Sent {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer | null
}

/** A real jsforce that talks to an emulated org, by fetch: its own transport never hears of a broken connection. */
export function connect(org: EmulatedOrg, instanceUrl: string = org.url): Connection {
  const { accessToken } = JSON.parse(org.login('accessToken')) as { accessToken: string }
  const connection = new Connection({ version: '62.0', instanceUrl, accessToken })
  const transport = {
    httpRequest: (sent: Sent) => Object.assign(exchange(sent), { stream: () => new PassThrough() }),
  }
  return Object.assign(connection, { _transport: transport })
}

async function exchange({ method, url, headers, body }: Sent) {
  const { 'content-length': _, ...rest } = headers ?? {}
  const sent = typeof body === 'string' || !body ? body : new Uint8Array(body)
  const response = await fetch(url, { method, headers: rest, ...(sent ? { body: sent } : {}) })
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  }
}
