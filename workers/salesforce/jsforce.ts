/** jsforce for what is SOAP: its coding of the Metadata API, over our transport. Loaded by who needs it. */
import 'jsforce/lib/api/metadata.js'
import 'jsforce/lib/api/tooling.js'
import { PassThrough } from 'node:stream'
import { Connection } from 'jsforce/lib/connection.js'
import type { Org } from './org.ts'
import type { Session } from './session.ts'
import { timeoutMsOf } from './timeouts.ts'
import type { Answer, Call } from './transport.ts'

/** As jsforce hands a request on. */
interface Request {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Sent = Promise<{ statusCode: number; headers: Answer['headers']; body: string }> & { stream(): PassThrough }

export function connect(org: Org, { accessToken, instanceUrl }: Session): Connection {
  const connection = new Connection({
    accessToken,
    instanceUrl,
    version: org.apiVersion,
    callOptions: { client: 'mayfly' },
  })
  Object.assign(connection, { _transport: transportOf(org) })
  return connection
}

function transportOf(org: Org) {
  return {
    httpRequest(request: Request): Sent {
      const sent = org.transport
        .send(callOf(request, org))
        .then(({ status, ...rest }) => ({ statusCode: status, ...rest }))
      // jsforce asks for it with every request, and waits for nothing from it.
      return Object.assign(sent, { stream: () => new PassThrough() })
    },
  }
}

function callOf({ method, url, headers = {}, body }: Request, { step, submission }: Org): Call {
  const { 'content-length': _length, ...rest } = headers
  const content = bytesOf(body)
  return {
    method,
    url,
    headers: rest,
    step,
    submission,
    timeoutMs: timeoutMsOf({ method, url, body: content }),
    ...(content !== undefined && method !== 'GET' && method !== 'HEAD' && { body: content }),
  }
}

function bytesOf(body: unknown): string | Uint8Array | undefined {
  if (typeof body === 'object' && body !== null && 'getBuffer' in body) return (body.getBuffer as () => Buffer)()
  return (body ?? undefined) as string | Uint8Array | undefined
}
