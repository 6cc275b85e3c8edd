import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, ApiError, json, notFound, refusal, send } from './answer.ts'
import type { Faults } from './faults.ts'
import type { EmulatedOrg } from './org.ts'
import { type EmulatedRequest, readRequest, tokenOf } from './request.ts'
import { router } from './route.ts'
import { routes } from './routes.ts'
import { isJwt } from './sessions.ts'
import { soapFault } from './soap.ts'
import { isVersion } from './versions.ts'

/** What was asked, without headers, bodies and tokens. */
export interface RequestRecord {
  readonly org: string
  readonly method: string
  /** Path and query; the path alone where the query may hold a token. */
  readonly url: string
  /** SOAP call or OAuth grant. */
  readonly call: string | null
  readonly bodyBytes: number
  /** Status that was sent; 0 when a fault cut the connection before. */
  status: number
  /** Whether a fault changed the answer. */
  isFaulty: boolean
}

export interface Service {
  readonly faults: Faults
  readonly requests: RequestRecord[]
  readonly orgOf: (request: EmulatedRequest) => EmulatedOrg
}

const find = router(routes)

/** Listens on a free port of this machine, or on `port`. */
export async function listen(service: Service, port = 0): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((incoming, response) => void exchange(service, incoming, response))
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function exchange(service: Service, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const request = await readRequest(incoming)
    const org = service.orgOf(request)
    const record = recordOf(org, request)
    service.requests.push(record)
    const fault = service.faults.take(org, request)
    const genuine = () => answer(org, request)
    record.isFaulty = fault !== null
    const sent = fault ? await fault(org, request, genuine) : await genuine()
    record.status = sent.status
    await send(response, dated(org, request, sent))
  } catch {
    // The client has gone, or the body of an answer could not be made: either way there is nobody to tell but the socket.
    response.destroy()
  }
}

async function answer(org: EmulatedOrg, request: EmulatedRequest): Promise<Answer> {
  try {
    return await handled(org, request)
  } catch (error) {
    return toAnswer(org, request, error)
  }
}

/** By a client that comes back to a server of another test, whose port is an org's now: no path of an org is like that. */
function isForMayfly({ path }: EmulatedRequest): boolean {
  return path.startsWith('/v1/')
}

async function handled(org: EmulatedOrg, request: EmulatedRequest): Promise<Answer> {
  if (org.isGone) return { status: 420 }
  const match = find(request)
  if (!match) {
    if (isForMayfly(request)) throw notFound()
    org.complain(`nothing answers ${request.method} ${loggedUrl(request)}${request.call ? ` (${request.call})` : ''}.`)
    throw notFound()
  }
  const session = org.sessions.find(tokenOf(request))
  if (!match.route.open) {
    const isClosed = session !== null && request.path.startsWith('/services/Soap/') && isJwt(session.token)
    if (!session || isClosed) throw new ApiError(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    countRequest(org)
  }
  const { version } = match.params
  if (version !== undefined && !isVersion(version)) throw notFound()
  return match.route.handle(org, { ...request, params: match.params, session })
}

function countRequest(org: EmulatedOrg): void {
  if (org.api.used >= org.api.max) {
    throw new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
  }
  org.api.used += 1
}

function toAnswer(org: EmulatedOrg, { path }: EmulatedRequest, error: unknown): Answer {
  const isSoap = path.startsWith('/services/Soap/')
  if (error instanceof ApiError) {
    return isSoap ? soapFault(`sf:${error.code}`, `${error.code}: ${error.message}`) : refusal(error)
  }
  if (error instanceof SyntaxError) return refusal(new ApiError(400, 'JSON_PARSER_ERROR', error.message))
  org.complain(`the emulator itself failed at ${path}: ${error instanceof Error ? error.stack : String(error)}`)
  const message = 'An unexpected error occurred.'
  return isSoap ? soapFault('sf:UNKNOWN_EXCEPTION', message) : json([{ message, errorCode: 'UNKNOWN_EXCEPTION' }], 500)
}

/** The time of the org, and what it has been asked so far, on every answer that carries headers. */
function dated(org: EmulatedOrg, { path }: EmulatedRequest, answer: Answer): Answer {
  const limit = path.startsWith('/services/data/') ? org.limitHeader() : {}
  return { ...answer, headers: { date: new Date(org.now()).toUTCString(), ...limit, ...answer.headers } }
}

function recordOf(org: EmulatedOrg, request: EmulatedRequest): RequestRecord {
  const { method, call, body } = request
  return { org: org.name, method, url: loggedUrl(request), call, bodyBytes: body.length, status: 0, isFaulty: false }
}

function loggedUrl({ url, path }: EmulatedRequest): string {
  return path.startsWith('/services/oauth2/') ? path : url
}
