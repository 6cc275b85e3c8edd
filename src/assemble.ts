/** Builds an orchestrator from its settings, starts it in order, and stops it in the opposite order. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { adminToken } from './access/admin-token.ts'
import { authenticator } from './access/authenticator.ts'
import { adminGrant } from './access/grants.ts'
import { type Config, ConfigError } from './config.ts'
import { Workspaces } from './files/workspaces.ts'
import { edgeLimits } from './http/limits.ts'
import { buildServer } from './http/server.ts'
import { openSqliteJournal } from './journal/sqlite/open.ts'
import { readKinds } from './kinds/read.ts'
import { createRegistry, type Registry } from './kinds/registry.ts'
import { clearCache, seal, warm } from './launch/warm.ts'
import { Workers } from './launch/workers.ts'
import { Orchestrator } from './orchestrator.ts'
import { readBootId } from './process/identity.ts'
import type { Isolation, Level } from './process/isolation.ts'
import { probeIsolation } from './process/probe.ts'
import { Hub } from './stream/hub.ts'
import { systemClock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { noWitness, type Witness } from './system/waypoint.ts'

const program = (name: string) => fileURLToPath(new URL(`../workers/${name}`, import.meta.url))

/** What only tests and benchmarks set. */
export interface Hooks {
  readonly witness?: Witness
  /** The program of a worker, in place of our own. */
  readonly workerProgram?: string
}

export interface Mayfly {
  readonly url: string
  readonly orchestrator: Orchestrator
  /** Hands running tasks back after the grace; at once when called again. */
  stop(graceMs?: number): Promise<void>
}

export async function assemble(
  config: Config,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  hooks: Hooks = {},
): Promise<Mayfly> {
  const clock = systemClock
  const node = hostname()
  const journal = await openSqliteJournal({ directory: config.data, clock, logger, node })
  const workspaces = new Workspaces(join(config.data, 'workspaces'))
  const workerProgram = hooks.workerProgram ?? program('main.ts')
  try {
    const isolation = await chooseIsolation(config.isolation, logger)
    const cache = join(config.data, 'compile-cache')
    const workerEnvironment = { ...environment, ...config.environment, NODE_COMPILE_CACHE: cache }
    const registry = await prepareKinds(config, workerEnvironment, cache, logger)
    const workers = new Workers({
      workspaces,
      isolation,
      program: workerProgram,
      environment: workerEnvironment,
      bootId: readBootId(),
      openFiles: config.openFiles,
    })
    const hub = new Hub()
    journal.onCommit((events) => hub.publish(events))
    const orchestrator = new Orchestrator({
      journal,
      workspaces,
      workers,
      registry,
      clock,
      logger,
      node,
      random: Math.random,
      witness: hooks.witness ?? noWitness,
      bootId: readBootId(),
      slots: {
        criticalSlots: config.criticalSlots,
        sharedSlots: config.sharedSlots,
        tenantRunning: config.tenantRunning,
      },
      policy: { maxStartFailures: config.maxStartFailures, maxLosses: config.maxLosses },
      graces: { askMs: config.askGraceSeconds * 1000, exitMs: config.exitGraceSeconds * 1000 },
      startDeadlineMs: config.startDeadlineSeconds * 1000,
      deadlineMs: recoverDeadlineMs,
    })
    const token = await adminToken(config.data)
    const server = buildServer({
      submit: (caller, request) => orchestrator.submit(caller, request),
      cancel: (tenant, id, reason) => orchestrator.cancel(tenant, id, reason),
      journal,
      hub,
      authenticate: authenticator(adminGrant(token)),
      readiness: () => orchestrator.readiness(),
      node,
      clock,
      logger,
      limits: edgeLimits,
      allowedOrigins: config.allowedOrigins,
    })
    await orchestrator.start()
    const url = await server.listen(config)
    return {
      url,
      orchestrator,
      async stop(graceMs = config.stopGraceSeconds * 1000) {
        await orchestrator.stop(graceMs)
        await server.close()
        await journal.close()
      },
    }
  } catch (error) {
    await journal.close()
    throw error
  }
}

const recoverDeadlineMs = 10_000
const kindDeadlineMs = 10_000

async function chooseIsolation(wanted: Config['isolation'], logger: Logger): Promise<Isolation> {
  const highest = typeof wanted === 'object' && 'atMost' in wanted ? (wanted.atMost as Level) : 1
  const { isolation, missing } = await probeIsolation(highest)
  if (typeof wanted === 'object' && 'require' in wanted && isolation.level < wanted.require) {
    throw new ConfigError(`isolation level ${wanted.require} is required: ${missing}`)
  }
  if (missing) logger.warn({ isolation: isolation.level, missing }, 'a higher isolation level does not work here')
  return isolation
}

/** Reads the kinds and fills the compile cache on the way: whatever a worker will load has been loaded once. */
async function prepareKinds(
  config: Config,
  environment: Readonly<Record<string, string>>,
  cache: string,
  logger: Logger,
): Promise<Registry> {
  await clearCache(cache)
  const directories = [program('tasks'), ...config.kinds]
  const options = { program: program('describe.ts'), environment, deadlineMs: kindDeadlineMs }
  const [{ found, broken }] = await Promise.all([
    readKinds(directories, options),
    warm(program('main.ts'), environment),
  ])
  await seal(cache)
  for (const { module, reason } of broken) logger.error({ module, reason }, 'a kind is left out: it cannot be read')
  return createRegistry(found)
}
