/** What stands ready before the first task: the isolation that works here, the kinds, and workers that start warm. */
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from './config/error.ts'
import type { Config } from './config/schema.ts'
import { forEachPool } from './contract/quota.ts'
import type { Directories } from './files/directories.ts'
import type { Workspaces } from './files/workspaces.ts'
import type { AllRead } from './kinds/read.ts'
import { createRegistry, type Registry } from './kinds/registry.ts'
import { type LaunchProfile, profileOf } from './launch/profile.ts'
import type { StandbyTerms } from './launch/standbys.ts'
import { clearCache, seal, warm } from './launch/warm.ts'
import { Workers } from './launch/workers.ts'
import { loadKinds, takeUpCode } from './load-code.ts'
import { adviceOn, kernelSettings } from './process/advice.ts'
import { type Isolation, type Level, SANDBOX, USER } from './process/isolation.ts'
import type { Machine } from './process/machine.ts'
import { makeSlots } from './process/make-slots.ts'
import type { Pressure } from './process/pressure.ts'
import { type Ground, probeAgain, probeIsolation, userInside } from './process/probe.ts'
import { Sentinel } from './process/sentinel.ts'
import { spareMiB } from './process/strain.ts'
import { leftOpen, type View, viewOf } from './process/view.ts'
import type { Clock } from './system/clock.ts'
import type { Logger } from './system/logger.ts'
import { fileMiBOf } from './task/limits.ts'
import type { Pool } from './task/task.ts'

type Environment = Readonly<Record<string, string>>

export interface Site {
  readonly config: Config
  readonly logger: Logger
  readonly clock: Clock
  /** What every worker's environment is made of: PATH, LANG, TZ. */
  readonly environment: Environment
  readonly machine: Machine
  readonly workspaces: Workspaces
  readonly directories: Pick<Directories, 'open' | 'give'>
  readonly pressure: () => Pressure
  /** The program of a worker, when it is not our own. */
  readonly workerProgram?: string | undefined
}

export interface Prepared {
  readonly workers: Workers
  readonly registry: Registry
}

/** Throws ConfigError when the isolation that is required does not work here, and any Error when no worker can run. */
export async function prepare(site: Site): Promise<Prepared> {
  const { config, workspaces, machine, workerProgram, pressure, clock, logger } = site
  const cache = join(config.data, 'compile-cache')
  const environment = { ...site.environment, ...config.environment, NODE_COMPILE_CACHE: cache }
  await clearCache(cache)
  await mkdir(cache, { mode: 0o700 })
  const ground = {
    programs: machine.programs,
    spawn: machine.spawn,
    environment,
    view: once(() => viewFor(site, cache)),
    scratch: join(config.data, 'sandbox', 'probe'),
    slots: slotsFor(config),
  }
  const isolation = await chooseIsolation(site, ground)
  warnOfOpenings(isolation, ground, logger)
  const { ownKinds, linked } = await takeUpCode(site, environment, cache)
  const [kinds] = await Promise.all([loadKinds(config.kinds, environment), warm(linked, environment)])
  await seal(cache, userInside())
  const registry = register([ownKinds, kinds], site)
  const program = workerProgram ?? linked
  const standby = standbyTerms(config, registry)
  const availableMiB = () => spareMiB(pressure())
  const sentinel = sentinelFor(isolation, site)
  const born = {
    workspaces,
    directories: site.directories,
    isolation,
    program,
    environment,
    machine,
    sentinel,
    probe: () => probeAgain(isolation, ground),
  }
  return { workers: new Workers({ ...born, standby, availableMiB, clock, logger }), registry }
}

const rememberMs = 5 * 60_000
const stayMs = 10_000
/** What of the machine's memory is left to tasks and all others. */
const reserveMiB = 512

function standbyTerms(config: Config, registry: Registry): StandbyTerms {
  const { standby, standbyFloor, standbyMiB, standbySeconds, startDeadlineSeconds, criticalSlots, sharedSlots } = config
  return {
    most: standby,
    mostMiB: standbyMiB,
    reserveMiB,
    rememberMs,
    stayMs,
    ageMs: standbySeconds * 1000,
    birthsAtOnce: availableParallelism(),
    startDeadlineMs: startDeadlineSeconds * 1000,
    slots: { critical: criticalSlots + sharedSlots, shared: sharedSlots },
    floors: standbyFloor,
    expected: forEachPool((pool) => expectedProfile(pool, config, registry)),
  }
}

/** What those kinds of the pool ask for that can have a standby: of several the first that has least loaded ahead. */
function expectedProfile(pool: Pool, config: Config, registry: Registry): LaunchProfile {
  const kinds = [...registry.values()].filter((kind) => kind.pool === pool && kind.directory === null)
  const [kind] = kinds.sort((a, b) => a.preload.length - b.preload.length)
  const limits = kind?.limits ?? config.limits
  const { preload = [], network = 'host', mounts = [] } = kind ?? {}
  const isLean = kind?.appetite.isLean ?? false
  return profileOf({
    workspace: config.workspace,
    ...limits,
    fileMiB: fileMiBOf(limits),
    preload,
    network,
    mounts,
    isLean,
  })
}

async function chooseIsolation({ config, logger }: Site, ground: Ground): Promise<Isolation> {
  const { atMost, require = 0 }: Partial<Record<'atMost' | 'require', number>> =
    config.isolation === 'auto' ? {} : config.isolation
  const highest = atMost ?? (config.users || require === USER ? USER : SANDBOX)
  const { isolation, missing } = await probeIsolation(highest as Level, ground)
  if (isolation.level < require) {
    const advice = adviceOn(missing, kernelSettings()).join('; ')
    throw new ConfigError(`isolation level ${require} is required and does not work here (${missing}): ${advice}`)
  }
  if (config.workspace === 'memory' && !isolation.keepsInMemory) {
    const advice = adviceOn(missing, kernelSettings()).join('; ')
    throw new ConfigError(
      `workspace is memory, which takes isolation level 2 and bubblewrap 0.7, and that does not work here (${missing || `level ${isolation.level} is in force`})${advice && `: ${advice}`}`,
    )
  }
  if (missing) logger.warn({ isolation: isolation.level, missing }, 'a higher isolation level does not work here')
  return isolation
}

/** Tried when a level asks for it. */
function slotsFor({ users, data, criticalSlots, sharedSlots, standby }: Config): Ground['slots'] {
  return users && once(() => makeSlots(users, { data, workers: criticalSlots + sharedSlots + standby }))
}

function warnOfOpenings({ level }: Isolation, { view }: Ground, logger: Logger): void {
  const open = level !== SANDBOX ? undefined : leftOpen(view(), process.getuid?.())
  if (open !== undefined) logger.warn({ isolation: level }, open)
}

/** What is shown to workers, or made for them, may not be made anew. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** Where the kernel would end workers with this process if it could: whoever wants level 0 has it as it is. */
function sentinelFor({ level }: Isolation, { config, logger }: Site): Sentinel | undefined {
  const isWanted = typeof config.isolation === 'object' && 'atMost' in config.isolation && config.isolation.atMost === 0
  if (level > 0 || isWanted || process.platform === 'win32') return undefined
  return new Sentinel(() => logger.warn('nothing ends workers that spin when this process is killed: it does not last'))
}

function viewFor({ config, workerProgram }: Site, cache: string): View {
  const { data, masterKey, formerMasterKey, credentials, secrets, kinds, mounts } = config
  const kept = [masterKey, formerMasterKey, credentials, ...Object.values(secrets.files).map(({ path }) => path)]
  return viewOf({
    program: fileURLToPath(new URL('..', import.meta.url)),
    kinds: [...kinds, ...(workerProgram === undefined ? [] : [dirname(workerProgram)])],
    mounts,
    sealed: [cache],
    hidden: [data, ...kept.filter((path) => path !== undefined)],
    standIns: join(data, 'sandbox'),
    user: userInside() ?? process.getuid?.() ?? 0,
  })
}

function register(read: readonly AllRead[], { config, logger }: Site): Registry {
  for (const { module, reason } of read.flatMap(({ broken }) => broken))
    logger.error({ module, reason }, 'a kind is left out: it cannot be read')
  const found = read.flatMap((one) => one.found)
  const { registry, passedOver } = createRegistry(found, { ...config.limits, workspace: config.workspace })
  for (const { module, definition } of passedOver) {
    logger.error({ module, kind: definition.kind }, 'a kind is left out: its name is taken')
  }
  return registry
}
