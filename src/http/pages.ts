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
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'mayfly-tenant'],
    exposedHeaders: ['location', 'retry-after'],
    maxAge: rememberedSeconds,
  })
}
