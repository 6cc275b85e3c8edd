/** Builds an orchestrator from its settings, starts it in order, and stops it in the opposite order. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Access, openAccess } from './access/access.ts'
import { adminToken } from './access/admin-token.ts'
import type { Config } from './config/schema.ts'
import { buildEdge } from './edge.ts'
import { UsageNotes } from './files/usage-notes.ts'
import { Workspaces } from './files/workspaces.ts'
import type { ServerDeps } from './http/deps.ts'
import type { AuditLog } from './journal/audit.ts'
import type { Journal } from './journal/journal.ts'
import { openSqliteJournal } from './journal/sqlite/open.ts'
import type { TenantRecord } from './journal/tenants.ts'
import type { Standbys } from './launch/standbys.ts'
import { Orchestrator } from './orchestrator.ts'
import { policyOf, tenantPolicyOf } from './policy.ts'
import { prepare } from './prepare.ts'
import { SANDBOX } from './process/isolation.ts'
import { thisMachine } from './process/machine.ts'
import { machinePressure, type Pressure } from './process/pressure.ts'
import type { Slots } from './process/slots.ts'
import { Strays } from './process/strays.ts'
import { removeEnded, removeLeftovers, removeTenantFiles } from './retain/leftovers.ts'
import { Retainer } from './retain/retainer.ts'
import { type ScalingTerms, scalingTerms } from './schedule/scaling.ts'
import { SecretSources } from './secret-sources.ts'
import { OneTimeSecrets } from './secrets/one-time.ts'
import type { Providers } from './secrets/providers.ts'
import type { Vault } from './secrets/vault.ts'
import { type Stores, storesIn } from './stores.ts'
import type { Grounds } from './submit/submit.ts'
import { systemClock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { noWitness, type Witness } from './system/waypoint.ts'
import { buildTimetable } from './timetable.ts'

/** What is no setting; most of it only tests and benchmarks set. */
export interface Hooks {
  /** What programs that bring secrets have for an environment; that of workers when it is left out. */
  readonly secretsEnvironment?: Readonly<Record<string, string>>
  /** Asks whoever starts it for the passphrase of the master key, where that comes from one. */
  readonly askPassphrase?: () => Promise<Buffer>
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
  /** Other settings hold from now on, as far as the scheduler and admission go by them. */
  adopt(config: Config): void
  /** Lets running tasks end for so long, hands back the rest, and closes everything. */
  stop(graceMs?: number): Promise<void>
}

const clock = systemClock
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
  const { secretsEnvironment = environment, askPassphrase } = hooks
  const sources = new SecretSources({ config, environment: secretsEnvironment, askPassphrase })
  let vault: Vault | undefined
  try {
    vault = await sources.openVault(journal.secrets)
    return await start({ journal, vault, providers: sources.providers(vault) }, config, logger, environment, hooks)
  } catch (error) {
    await journal.close()
    vault?.close()
    throw error
  }
}

/** What a start has opened so far. */
interface Opened extends Pick<Stores, 'journal' | 'vault'> {
  readonly providers: Providers
}

async function start(
  opened: Opened,
  config: Config,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  hooks: Hooks,
): Promise<Mayfly> {
  const { journal, vault } = opened
  const access = await grantAccess(config, journal)
  const stores = { ...opened, access, ...storesIn(config) }
  await removeLeftovers({ ...stores, logger })
  journal.onCommit((events) => removeEnded(events, { ...stores, logger }))
  const { orchestrator, standbys, slots, grounds } = await buildOrchestrator(config, stores, logger, environment, hooks)
  let { tenant: defaults } = config
  const grant = ({ name, quotas }: TenantRecord) => orchestrator.grant(name, tenantPolicyOf(defaults, quotas))
  access.tenants.listen({
    changed: grant,
    removed(name) {
      orchestrator.forgetTenant(name)
      void removeTenantFiles(name, { ...stores, logger })
    },
  })
  const parts = { config, stores, logger, orchestrator, clock }
  const { schedules, ticker } = buildTimetable({ ...parts, grounds, witness: hooks.witness })
  const server = buildEdge({ ...parts, schedules, node, onRoute: hooks.onRoute })
  await orchestrator.start()
  vault.rotation.resume(() => clock.now())
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
    adopt(next) {
      defaults = next.tenant
      access.admission.adopt(next)
      orchestrator.adopt(policyOf(next))
      for (const tenant of access.tenants.list()) grant(tenant)
    },
    async stop(graceMs = config.stopGraceSeconds * 1000) {
      await ticker.stop()
      await Promise.all([orchestrator.stop(graceMs), standbys.close()])
      await slots?.close()
      await server.close()
      await retainer.stop()
      await journal.close()
      vault.close()
    },
  }
}

async function grantAccess(config: Config, journal: Journal): Promise<Access> {
  return openAccess({ journal, clock, adminToken: await adminToken(config.data), terms: config, issuers: config.oidc })
}

async function buildOrchestrator(
  config: Config,
  { journal, vault, access, providers, ...files }: Stores & Opened,
  logger: Logger,
  environment: Readonly<Record<string, string>>,
  { witness = noWitness, workerProgram, pressure = machinePressure(), scalingTerms: terms }: Hooks,
): Promise<{ orchestrator: Orchestrator; standbys: Standbys; slots: Slots | undefined; grounds: Grounds }> {
  const machine = thisMachine()
  const oneTime = new OneTimeSecrets({ vault, records: journal.secrets })
  const workspaces = new Workspaces(join(config.data, 'workspaces'))
  const { directories } = files
  const site = { config, logger, clock, environment, machine, workspaces, directories, workerProgram, pressure }
  const prepared = await prepare(site)
  const { maxStartFailures, maxLosses } = config
  const mayHandOn = () =>
    config.allowSecretsInCommands || access.tenants.count < 2 || prepared.workers.isolation.level >= SANDBOX
  const orchestrator = new Orchestrator({
    ...prepared,
    providers,
    oneTime,
    vault,
    journal,
    admission: access.admission,
    lender: { providers, oneTime, audit: journal.audit, clock },
    mayHandOn,
    workspaces,
    usageNotes: new UsageNotes(join(config.data, 'usage')),
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
    strays: new Strays(),
    recoverDeadlineMs: config.recoverSeconds * 1000,
    slots: prepared.workers.isolation.slots,
  })
  const boundsOf: Grounds['boundsOf'] = (tenant, pool) => access.admission.boundsOf(tenant, pool)
  const { canCutOff, keepsInMemory, slots } = prepared.workers.isolation
  const grounds = { registry: prepared.registry, providers, mayHandOn, canCutOff, keepsInMemory, boundsOf }
  return { orchestrator, standbys: prepared.workers.standbys, slots, grounds }
}
