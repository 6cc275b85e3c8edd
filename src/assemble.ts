/** Builds an orchestrator from its settings, starts it in order, and stops it in the opposite order. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Access, openAccess } from './access/access.ts'
import { adminToken } from './access/admin-token.ts'
import type { Credential } from './access/credential.ts'
import type { Config } from './config/schema.ts'
import type { TaskRequest } from './contract/request.ts'
import { ArtifactStore } from './files/artifacts.ts'
import { KeptDirectories } from './files/kept.ts'
import { UploadStore } from './files/uploads.ts'
import { Workspaces } from './files/workspaces.ts'
import type { ServerDeps } from './http/deps.ts'
import { edgeLimits } from './http/limits.ts'
import { buildServer } from './http/server.ts'
import type { AuditLog } from './journal/audit.ts'
import type { Journal } from './journal/journal.ts'
import type { Decided } from './journal/schedules.ts'
import { openSqliteJournal } from './journal/sqlite/open.ts'
import { usesOf } from './kinds/uses.ts'
import type { Standbys } from './launch/standbys.ts'
import { Orchestrator } from './orchestrator.ts'
import { policyOf, tenantPolicyOf } from './policy.ts'
import { prepare } from './prepare.ts'
import { thisMachine } from './process/machine.ts'
import { machinePressure, type Pressure } from './process/pressure.ts'
import { removeEnded, removeLeftovers } from './retain/leftovers.ts'
import { Retainer } from './retain/retainer.ts'
import { type ScalingTerms, scalingTerms } from './schedule/scaling.ts'
import { Schedules } from './schedules/schedules.ts'
import { Ticker } from './schedules/ticker.ts'
import { keyPlaceOf } from './secrets/master-key.ts'
import { Vault } from './secrets/vault.ts'
import { Hub } from './stream/hub.ts'
import type { Submitted } from './submit/once.ts'
import { type Grounds, toTask } from './submit/submit.ts'
import { Uploading } from './submit/uploading.ts'
import { systemClock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { noWitness, type Witness } from './system/waypoint.ts'
import type { Task } from './task/task.ts'

/** What only tests and benchmarks set. */
export interface Hooks {
  readonly witness?: Witness
  /** The program of a worker, in place of our own. */
  readonly workerProgram?: string
  /** How hard the machine is pressed, in place of what it is. */
  readonly pressure?: () => Pressure
  readonly scalingTerms?: Partial<ScalingTerms>
  /** Told of every route that there is. */
  readonly onRoute?: ServerDeps['onRoute']
}

export interface Mayfly {
  readonly url: string
  readonly orchestrator: Orchestrator
  readonly vault: Vault
  readonly audit: AuditLog
  /** Resolves when the journal is lost: end the process, the next start takes up what is on disk. */
  readonly lost: Promise<Error>
  /** Lets running tasks end for so long, hands back the rest, and closes everything. */
  stop(graceMs?: number): Promise<void>
}

const clock = systemClock
/** From here on no task sees another's processes or files. */
const sandboxLevel = 2
const node = hostname()

/** `environment` is what every worker's own is made of. Throws ConfigError, JournalUnusable and VaultUnusable; nothing runs then. */
export async function assemble(
  config: Config,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  hooks: Hooks = {},
): Promise<Mayfly> {
  const limits = { maxTaskEvents: config.maxTaskEvents }
  const journal = await openSqliteJournal({ directory: config.data, clock, logger, node, limits })
  let vault: Vault | undefined
  try {
    vault = await Vault.open(journal.secrets, keyPlaceOf(config.data, config), config.forgetSecrets)
    return await start({ journal, vault }, config, logger, environment, hooks)
  } catch (error) {
    await journal.close()
    vault?.close()
    throw error
  }
}

async function start(
  { journal, vault }: Pick<Stores, 'journal' | 'vault'>,
  config: Config,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  hooks: Hooks,
): Promise<Mayfly> {
  const access = await grantAccess(config, journal)
  const stores = { journal, vault, access, ...storesIn(config.data) }
  await removeLeftovers({ ...stores, logger })
  journal.onCommit((events) => removeEnded(events, { ...stores, logger }))
  const { orchestrator, standbys, grounds } = await buildOrchestrator(config, stores, logger, environment, hooks)
  access.tenants.listen({
    changed: ({ name, quotas }) => orchestrator.grant(name, tenantPolicyOf(config.tenant, quotas)),
    removed: (name) => orchestrator.forgetTenant(name),
  })
  const { schedules, ticker } = buildSchedules({ config, stores, logger, orchestrator, grounds, hooks })
  const server = buildEdge(config, stores, logger, orchestrator, schedules, hooks)
  await orchestrator.start()
  const url = await server.listen(config)
  ticker.start()
  standbys.open()
  journal.onFull((full) => (full ? void standbys.clear() : standbys.open()))
  const retainer = new Retainer({ ...stores, clock, logger, policy: config })
  retainer.start()
  return {
    url,
    orchestrator,
    vault,
    audit: journal.audit,
    lost: journal.lost,
    async stop(graceMs = config.stopGraceSeconds * 1000) {
      await ticker.stop()
      await Promise.all([orchestrator.stop(graceMs), standbys.close()])
      await server.close()
      await retainer.stop()
      await journal.close()
      vault.close()
    },
  }
}

interface Stores {
  readonly journal: Journal
  readonly vault: Vault
  readonly artifacts: ArtifactStore
  readonly uploads: UploadStore
  readonly kept: KeptDirectories
  readonly access: Access
}

function storesIn(data: string) {
  return {
    artifacts: new ArtifactStore(join(data, 'artifacts')),
    uploads: new UploadStore(join(data, 'uploads')),
    kept: new KeptDirectories(join(data, 'kept')),
  }
}

async function grantAccess(config: Config, journal: Journal): Promise<Access> {
  return openAccess({ journal, clock, adminToken: await adminToken(config.data), terms: config })
}

async function buildOrchestrator(
  config: Config,
  { journal, vault, access, ...files }: Stores,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  { witness = noWitness, workerProgram, pressure = machinePressure(), scalingTerms: terms }: Hooks,
): Promise<{ orchestrator: Orchestrator; standbys: Standbys; grounds: Grounds }> {
  const machine = thisMachine()
  const workspaces = new Workspaces(join(config.data, 'workspaces'))
  const prepared = await prepare({ config, logger, clock, environment, machine, workspaces, workerProgram, pressure })
  const { maxStartFailures, maxLosses } = config
  const mayHandOn = () =>
    config.allowSecretsInCommands || access.tenants.count < 2 || prepared.workers.isolation.level >= sandboxLevel
  const orchestrator = new Orchestrator({
    ...prepared,
    journal,
    admission: access.admission,
    lender: { vault, audit: journal.audit, clock },
    mayHandOn,
    workspaces,
    ...files,
    clock,
    logger,
    node,
    witness,
    machine,
    random: Math.random,
    schedulePolicy: policyOf(config),
    scaling: config.scaling ? { pressure, terms: { ...scalingTerms, ...terms } } : null,
    policy: { maxStartFailures, maxLosses },
    graces: { askMs: config.askGraceSeconds * 1000, exitMs: config.exitGraceSeconds * 1000 },
    startDeadlineMs: config.startDeadlineSeconds * 1000,
    recoverDeadlineMs: config.recoverSeconds * 1000,
  })
  const boundsOf: Grounds['boundsOf'] = (tenant, pool) => access.admission.boundsOf(tenant, pool)
  const grounds = { registry: prepared.registry, mayHandOn, boundsOf }
  return { orchestrator, standbys: prepared.workers.standbys, grounds }
}

interface ScheduleParts {
  readonly config: Config
  readonly stores: Pick<Stores, 'journal' | 'access'>
  readonly logger: Logger
  readonly orchestrator: Orchestrator
  readonly grounds: Grounds
  readonly hooks: Hooks
}

/** Schedules submit and cancel by the same ways as everybody. */
function buildSchedules({ config, stores, logger, orchestrator, grounds, hooks }: ScheduleParts) {
  const { journal, access } = stores
  const shared = {
    records: journal.schedules,
    clock,
    witness: hooks.witness ?? noWitness,
    cancel: (tenant: string, id: string, reason: string) => orchestrator.cancel(tenant, id, reason),
    async submit(caller: Credential, request: TaskRequest, decided: Decided): Promise<Task> {
      const [submitted] = await Promise.all(orchestrator.submitAll(caller, [{ request, decided }]))
      return (submitted as Submitted).task
    },
  }
  const ticker = new Ticker({ ...shared, logger, stands: (id) => access.tokens.stands(id) })
  const schedules = new Schedules({
    ...shared,
    check(caller, request) {
      const { kind, input } = toTask({ id: '', caller, request, now: clock.now() }, grounds)
      return usesOf(grounds.registry.get(kind), input)
    },
    wake: (at) => ticker.wake(at),
    limits: { perTenant: config.tenantSchedules, shortestMs: config.shortestScheduleSeconds * 1000 },
  })
  return { schedules, ticker }
}

function buildEdge(
  config: Config,
  stores: Stores,
  logger: Logger,
  orchestrator: Orchestrator,
  schedules: Schedules,
  { onRoute }: Hooks,
) {
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
    readiness: () => orchestrator.readiness(),
    access,
    pauses: orchestrator.pauses,
    schedules,
    stats: (tenant) => orchestrator.stats(tenant),
    processTimeOf: (tenant) => orchestrator.processTimeOf(tenant),
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
