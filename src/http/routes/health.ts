import { Liveness, Readiness } from '../../contract/readiness.ts'
import type { App } from '../app.ts'
import type { ServerDeps } from '../deps.ts'

export function healthRoutes(app: App, { readiness }: ServerDeps): void {
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the process answers', security: [], response: { 200: Liveness } } },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether this node takes work',
        security: [],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const now = readiness()
      return reply.code(now.ready ? 200 : 503).send(now)
    },
  )
}
