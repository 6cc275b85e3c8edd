import type { IncomingMessage } from 'node:http'
import websocket from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { Credential } from '../../access/credential.ts'
import { Refusal } from '../../task/errors.ts'
import type { App } from '../app.ts'
import { credentialOf, whenKnown } from '../authentication.ts'
import type { ServerDeps } from '../deps.ts'
import type { StreamLimits } from '../limits.ts'
import { refuseForeignPage } from '../pages.ts'
import { Connection } from './connection.ts'
import type { Connections } from './connections.ts'

const protocol = 'mayfly.v1'
const path = '/stream'

/** Only the stream's own route takes requests that upgrade: whoever asks for it elsewhere gets an answer, and no more. */
export function refuseSockets(app: App): void {
  app.addHook('onRequest', ({ raw, routeOptions }: FastifyRequest, reply, next) => {
    if (!isUpgrade(raw) || routeOptions.url?.endsWith(path)) return next()
    reply.raw.once('finish', () => raw.socket.destroy())
    throw new Refusal('NOT_FOUND', 'there is no stream at this address: open /v1/stream')
  })
}

/** As Node's parser knows it, before it hands the connection over. */
function isUpgrade(raw: IncomingMessage & { readonly upgrade?: boolean | null }): boolean {
  return raw.upgrade === true
}

/** Lets requests upgrade, each bounded before its first frame. For the stream alone: its hooks would cost all others. */
function acceptSockets(app: App, { limits, logger }: ServerDeps, connections: Connections): void {
  app.register(websocket, {
    options: socketOptions(limits.stream),
    // A client that breaks the protocol: ws has begun to close with the right code, and finishes by itself.
    errorHandler: (error) => logger.debug({ err: error }, 'a stream broke off'),
    preClose(done) {
      connections.closeAll().then(() => done(), done)
    },
  })
}

function socketOptions({ inboundBytes, closeMs }: StreamLimits) {
  return {
    maxPayload: inboundBytes,
    maxFragments: 64,
    maxBufferedChunks: 1024,
    perMessageDeflate: false,
    closeTimeout: closeMs,
    handleProtocols: (offered: ReadonlySet<string>) => (offered.has(protocol) ? protocol : false),
  }
}

export async function streamRoute(app: App, deps: ServerDeps, connections: Connections): Promise<void> {
  acceptSockets(app, deps, connections)
  // Only then do its hooks see the route.
  await app.after()
  app.route({
    method: 'GET',
    url: path,
    schema: { hide: true },
    onRequest: (request, _reply, next) => {
      refuseStranger(request, deps.allowedOrigins)
      whenKnown(callerOf(request, deps.access), request, next)
    },
    preValidation: ({ caller }, _reply, next) => {
      connections.refuseBeyondLimits(caller.tenant)
      next()
    },
    handler: () => {
      throw new Refusal('BAD_REQUEST', `this is a WebSocket: upgrade, with subprotocol ${protocol}`)
    },
    wsHandler: (socket, request) => {
      const connection = new Connection(socket, request.raw.socket, request.caller, deps)
      connections.add(connection)
      // It may have ended between the question and the upgrade.
      if (!deps.access.stands(request.caller.tokenId)) connections.endToken(request.caller.tokenId)
      socket.on('close', () => connections.remove(connection))
    },
  })
}

/** By its token, or by a ticket where it can send none. */
function callerOf(request: FastifyRequest, { authenticate, tickets }: Access): Credential | Promise<Credential> {
  const { ticket } = request.query as { readonly ticket?: unknown }
  return typeof ticket === 'string' ? tickets.redeem(ticket) : credentialOf(request, authenticate)
}

/** A page that nobody allowed must not use what the browser can reach. */
function refuseStranger({ headers }: FastifyRequest, allowedOrigins: readonly string[]): void {
  refuseForeignPage(headers, allowedOrigins)
  const offered = headers['sec-websocket-protocol']
  if (offered !== undefined && !offered.split(',').some((name) => name.trim() === protocol)) {
    throw new Refusal('BAD_REQUEST', `offer the subprotocol ${protocol}`)
  }
}
