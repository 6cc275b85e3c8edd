import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Credential } from '../access/credential.ts'
import type { Logger } from '../system/logger.ts'
import { answerBrokenRequest, answerError, answerUnknownRoute } from './errors.ts'
import { parseJson, refuseFaults } from './json.ts'
import type { EdgeLimits } from './limits.ts'
import { type ContractTypes, compilers } from './schemas.ts'
import { SlowBodies } from './slow-bodies.ts'

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ContractTypes>

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body may take its time. */
    takesLong?: boolean
  }

  interface FastifyRequest {
    /** Set by the authentication of everything under /v1, before anything else looks at the request. */
    caller: Credential
  }
}

/** How often Node looks for requests that have exceeded their time; its default is longer than our limits. */
const slowCheckMs = 5_000

/** The longest name of an artifact, each byte of it written with three. */
const longestParamCharacters = 3 * 1024

/** A Fastify that trusts nothing: limits, a strict JSON parser, our validator, and a problem for every error. */
export function buildApp(limits: EdgeLimits, logger: Logger): App {
  const answer = answerError(logger)
  const app = Fastify<Server>({
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: longestParamCharacters },
    requestTimeout: limits.longRequestMs,
    connectionTimeout: limits.idleMs,
    http: { headersTimeout: limits.headersMs, connectionsCheckingInterval: slowCheckMs },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    schemaController: { compilersFactory: compilers },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answer,
  }).withTypeProvider<ContractTypes>()
  app.server.maxConnections = limits.sockets
  app.setErrorHandler(answer)
  app.setNotFoundHandler(answerUnknownRoute)
  const slowBodies = new SlowBodies(app, limits.requestMs)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ raw }, body, done) => {
    slowBodies.arrived(raw)
    try {
      done(null, readBody(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  return app
}

/** No bytes are no body: whether one is needed is for the route's schema to say. */
function readBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  const value = parseJson(bytes)
  refuseFaults(value)
  return value
}
