import Fastify, { type RouteOptions } from 'fastify'
import type { App } from './app.ts'
import { compilers } from './schemas.ts'

type Route = Pick<RouteOptions, 'method' | 'url' | 'schema'>

/**
 * Serves the description of the routes registered after this, generated from their own schemas when somebody asks for it:
 * what generates it is 160 modules, and most orchestrators are never asked.
 */
export function openApi(app: App): void {
  const routes: Route[] = []
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema) routes.push({ method, url, schema })
  })
  let document: Promise<string> | undefined
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= describe(routes)
    return reply.type('application/json').send(await document)
  })
}

/** By an app of its own with the same routes, which never listens. */
async function describe(routes: readonly Route[]): Promise<string> {
  const { default: swagger } = await import('@fastify/swagger')
  const app = Fastify({ schemaController: { compilersFactory: compilers }, exposeHeadRoutes: false })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Mayfly', version: '1', description: 'Runs every task in a process of its own.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  })
  for (const route of routes) app.route({ ...route, handler: async () => null })
  await app.ready()
  return JSON.stringify(app.swagger())
}
