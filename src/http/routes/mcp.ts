import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import { requireToken } from '../authentication.ts'
import { Calls } from '../calls.ts'
import type { ServerDeps } from '../deps.ts'
import { refuseForeignPage, refuseReboundName } from '../pages.ts'

const path = '/mcp'

/** What agents ask, each message with a token of its own: there are no sessions, and no stream without a question. */
export function mcpRoute(app: App, { mcp, access, allowedOrigins, limits, logger }: ServerDeps): void {
  const calls = new Calls(limits.mcpCalls, limits.mcpCallsPerTenant)
  app.addHook('onRequest', (request, _reply, next) => {
    refuseForeignPage(request.headers, allowedOrigins)
    refuseReboundName(request.headers, allowedOrigins)
    next()
  })
  requireToken(app, access.authenticate)
  const over = new AbortController()
  app.addHook('preClose', (done) => {
    over.abort(new Refusal('STOPPING', 'the server stops: ask again in a moment'))
    done()
  })

  app.post(path, { schema: { hide: true } }, async (request, reply) => {
    refuseOddBody(request.body)
    const end = calls.begin(request.caller.tenant)
    try {
      const { response, close } = await mcp({
        request: toRequest(request),
        message: request.body,
        url: addressOf(request),
        token: tokenOf(request),
        tenant: actingFor(request),
        over: over.signal,
        onFault: (error) => logger.warn({ err: error }, 'an agent could not be answered'),
      })
      reply.raw.once('close', () => {
        close()
        end()
      })
      return reply.send(response)
    } catch (error) {
      end()
      throw error
    }
  })

  // The protocol's own way to say that there is no stream to listen to and no session to end.
  app.route({
    method: ['GET', 'DELETE'],
    url: path,
    schema: { hide: true },
    handler: async (_request, reply) => reply.code(405).header('allow', 'POST').send(methodNotAllowed),
  })
}

/** Several at once the protocol has given up, and each would be a call of its own. */
function refuseOddBody(body: unknown): void {
  if (body === undefined) throw new Refusal('BAD_REQUEST', 'the body is missing: send a JSON-RPC message')
  if (Array.isArray(body)) throw new Refusal('BAD_REQUEST', 'these are several messages: send each by itself')
}

const methodNotAllowed = {
  jsonrpc: '2.0',
  error: {
    code: -32_000,
    message: 'only POST is answered here: there are no sessions, and no stream without a question',
  },
  id: null,
}

/** What the protocol wants to know of it; its body has been read. */
function toRequest({ headers, raw }: FastifyRequest): Request {
  const told = ['accept', 'content-type', 'mcp-protocol-version'].flatMap((name) => {
    const value = headers[name]
    return typeof value === 'string' ? [[name, value] as [string, string]] : []
  })
  return new Request(`http://mayfly${raw.url}`, { method: 'POST', headers: told })
}

/** Where the message came in is where this server answers. */
function addressOf({ raw: { socket } }: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort, localFamily } = socket
  const isMapped = localAddress.startsWith('::ffff:')
  const host = isMapped ? localAddress.slice('::ffff:'.length) : localAddress
  return `http://${localFamily === 'IPv6' && !isMapped ? `[${host}]` : host}:${localPort}`
}

/** It has been found right already. */
function tokenOf({ headers }: FastifyRequest): string {
  return headers.authorization?.replace(/^bearer +/i, '').trim() ?? ''
}

function actingFor({ headers }: FastifyRequest): string | undefined {
  const actFor = headers['mayfly-tenant']
  return Array.isArray(actFor) ? actFor.join(',') : actFor
}
