import type { AddressInfo } from 'node:net'
import { buildApp } from './app.ts'
import { asyncApi } from './asyncapi.ts'
import { requireAdmin, requireToken } from './authentication.ts'
import type { ServerDeps } from './deps.ts'
import { LongPolls } from './long-polls.ts'
import { openApi } from './openapi.ts'
import { letPagesAsk } from './pages.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { attemptRoutes } from './routes/attempts.ts'
import { auditRoute } from './routes/audit.ts'
import { batchRoute } from './routes/batch.ts'
import { eventRoutes } from './routes/events.ts'
import { explainRoute } from './routes/explain.ts'
import { healthRoutes } from './routes/health.ts'
import { kindRoutes } from './routes/kinds.ts'
import { logRoute } from './routes/log.ts'
import { mcpRoute } from './routes/mcp.ts'
import { pauseRoutes } from './routes/pauses.ts'
import { scheduleRoutes } from './routes/schedules.ts'
import { rotationRoutes, secretRoutes } from './routes/secrets.ts'
import { statsRoutes } from './routes/stats.ts'
import { taskRoutes } from './routes/tasks.ts'
import { tenantRoutes } from './routes/tenants.ts'
import { ticketRoute } from './routes/tickets.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { uploadRoutes } from './routes/uploads.ts'
import { Connections } from './socket/connections.ts'
import { refuseSockets, streamRoute } from './socket/route.ts'

export interface Server {
  /** Takes requests from now on; resolves with the address to reach it at. Port 0 takes a free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<string>
  /** Says bye to every stream, ends long polls, lets the other requests finish for a while, and closes. */
  close(): Promise<void>
  /** Streams that are open. */
  readonly streams: number
}

/** The edge of an orchestrator: REST and streams over whatever is passed in. */
export function buildServer(deps: ServerDeps): Server {
  const app = buildApp(deps.limits, deps.logger)
  const connections = new Connections(deps.limits.stream, deps.clock)
  const longPolls = new LongPolls(deps.hub, deps.clock, (id) => deps.access.stands(id))
  const { onRoute } = deps
  if (onRoute) app.addHook('onRoute', onRoute)
  deps.access.onEnd((id) => {
    connections.endToken(id)
    longPolls.endToken(id)
  })

  letPagesAsk(app, deps.allowedOrigins)
  openApi(app)
  asyncApi(app)
  refuseSockets(app)
  app.decorateRequest('caller')
  app.register(async (open) => healthRoutes(open, deps))
  app.register(async (agents) => mcpRoute(agents, deps))
  app.register(async (stream) => streamRoute(stream, deps, connections), { prefix: '/v1' })
  app.register(
    async (v1) => {
      requireToken(v1, deps.access.authenticate)
      taskRoutes(v1, deps)
      kindRoutes(v1, deps)
      batchRoute(v1, deps)
      eventRoutes(v1, deps, longPolls)
      logRoute(v1, deps)
      explainRoute(v1, deps)
      artifactRoutes(v1, deps)
      attemptRoutes(v1, deps)
      secretRoutes(v1, deps)
      pauseRoutes(v1, deps)
      scheduleRoutes(v1, deps)
      statsRoutes(v1, deps)
      v1.register(async (admin) => {
        requireAdmin(admin)
        auditRoute(admin, deps)
        tenantRoutes(admin, deps)
        tokenRoutes(admin, deps)
        rotationRoutes(admin, deps)
      })
      ticketRoute(v1, deps)
      v1.register(async (uploads) => uploadRoutes(uploads, deps))
    },
    { prefix: '/v1' },
  )

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      return urlOf(app.server.address() as AddressInfo)
    },
    async close() {
      longPolls.endAll()
      const stopCutting = deps.clock.after(deps.limits.closeMs, () => app.server.closeAllConnections())
      await app.close()
      stopCutting()
    },
    get streams() {
      return connections.count
    },
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
