import swagger from '@fastify/swagger'
import type { App } from './app.ts'

/** Serves the description of the routes registered after this, generated from their own schemas. */
export function openApi(app: App): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Mayfly', version: '1', description: 'Runs every task in a process of its own.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  })
  app.after(() => {
    let document: string | undefined
    app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
      document ??= JSON.stringify(app.swagger())
      return reply.type('application/json').send(document)
    })
  })
}
