/** Builds the edge: what the outside may ask, and who answers. */
import type { Config } from './config/schema.ts'
import type { ServerDeps } from './http/deps.ts'
import { edgeLimits } from './http/limits.ts'
import { buildServer } from './http/server.ts'
import type { Orchestrator } from './orchestrator.ts'
import type { Schedules } from './schedules/schedules.ts'
import type { Stores } from './stores.ts'
import { Hub } from './stream/hub.ts'
import { Uploading } from './submit/uploading.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'

const daySeconds = 86_400

export interface EdgeParts {
  readonly config: Config
  readonly stores: Stores
  readonly logger: Logger
  readonly orchestrator: Orchestrator
  readonly schedules: Schedules
  readonly clock: Clock
  readonly node: string
  readonly onRoute: ServerDeps['onRoute']
}

export function buildEdge({ config, stores, logger, orchestrator, schedules, clock, node, onRoute }: EdgeParts) {
  const { journal, vault, artifacts, uploads, access } = stores
  const uploading = new Uploading({ journal, store: uploads, clock, limits: config })
  const hub = new Hub()
  journal.onCommit((events) => hub.publish(events))
  return buildServer({
    submit: (caller, request, idempotencyKey) => orchestrator.submit(caller, request, idempotencyKey),
    submitAll: (caller, asked) => orchestrator.submitAll(caller, asked),
    cancel: (tenant, id, reason) => orchestrator.cancel(tenant, id, reason),
    retry: (caller, id, debug) => orchestrator.retry(caller, id, debug),
    explain: (tenant, id) => orchestrator.explainer.explain(tenant, id),
    kinds: () => orchestrator.kinds(),
    receiveUpload: (tenant, chunks, announcedBytes) => uploading.receive(tenant, chunks, announcedBytes),
    readiness: () => ({ ...orchestrator.readiness(), retainSeconds: config.retainDays * daySeconds }),
    access,
    pauses: orchestrator.pauses,
    schedules,
    stats: (tenant) => orchestrator.stats(tenant),
    processTimeOf: (tenant) => orchestrator.processTimeOf(tenant),
    mcp: async (call) => (await import('./faces/mcp/http.ts')).answerOverHttp(call),
    journal,
    artifacts,
    vault,
    hub,
    node,
    clock,
    logger,
    limits: edgeLimits,
    allowedOrigins: config.allowedOrigins,
    onRoute,
  })
}
