import type { IncomingHttpHeaders } from 'node:http'
import { isIPv4 } from 'node:net'
import { Refusal } from '../task/errors.ts'
import type { App } from './app.ts'

/** How long a browser need not ask again whether it may. */
const rememberedSeconds = 600

/** Lets pages of these origins ask over REST. Never with cookies: there are none, and a token is sent by the page itself. */
export function letPagesAsk(app: App, origins: readonly string[]): void {
  // Hooks and a route for questions that nobody asks otherwise.
  if (origins.length === 0) return
  app.register(import('@fastify/cors'), {
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'mayfly-tenant', 'mcp-protocol-version'],
    exposedHeaders: ['location', 'retry-after'],
    maxAge: rememberedSeconds,
  })
}

/** A browser says which page asks: our own pages may, and those of the allowed origins. */
export function refuseForeignPage({ origin, host }: IncomingHttpHeaders, allowedOrigins: readonly string[]): void {
  const isOwn = origin !== undefined && URL.parse(origin)?.host === host
  if (origin !== undefined && !isOwn && !allowedOrigins.includes(origin)) {
    throw new Refusal('FORBIDDEN', 'this origin is not allowed: ask the operator to add it')
  }
}

/**
 * A page's own name may be made to lead here, by whoever owns the name, and then its origin is ours. A number cannot, nor
 * can localhost; any other name is believed when an allowed origin has it. Only browsers say where they come from.
 */
export function refuseReboundName({ origin, host = '' }: IncomingHttpHeaders, allowedOrigins: readonly string[]): void {
  if (origin === undefined || allowedOrigins.includes(origin)) return
  const name = URL.parse(`http://${host}`)?.hostname ?? ''
  if (name === 'localhost' || name.startsWith('[') || isIPv4(name)) return
  throw new Refusal(
    'FORBIDDEN',
    `pages of ${JSON.stringify(host)} may not ask here: ask the operator to allow their origin`,
  )
}
