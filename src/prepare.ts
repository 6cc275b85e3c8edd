/** What stands ready before the first task: the isolation that works here, the kinds, and workers that start warm. */
import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError } from './config/error.ts'
import type { Config } from './config/schema.ts'
import type { Directories } from './files/directories.ts'
import type { Workspaces } from './files/workspaces.ts'
import { Appetite } from './kinds/appetite.ts'
import { type AllRead, loadAgain, type ReaderOptions, readKinds, readOwnKinds } from './kinds/read.ts'
import { createRegistry, type Registry } from './kinds/registry.ts'
import { link, linkedIn } from './launch/link.ts'
import { profileOf } from './launch/profile.ts'
import { fingerprintOf, Remembered } from './launch/remembered.ts'
import type { StandbyTerms } from './launch/standbys.ts'
import { clearCache, seal, warm } from './launch/warm.ts'
import { Workers } from './launch/workers.ts'
import { adviceOn, kernelSettings } from './process/advice.ts'
import { type Isolation, type Level, SANDBOX, USER } from './process/isolation.ts'
import { leanNode } from './process/lean-node.ts'
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

type Environment = Readonly<Record<string, string>>

const places = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const programs = (name: string) => places(`workers/${name}`)

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
  const { standby, standbyMiB, standbySeconds, startDeadlineSeconds, criticalSlots, sharedSlots } = config
  const critical = [...registry.values()].find(({ pool }) => pool === 'critical')
  const limits = critical?.limits ?? config.limits
  const { preload = [], network = 'host', mounts = [] } = critical ?? {}
  const isLean = critical?.appetite.isLean ?? false
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
    floor: profileOf({ workspace: 'disk', ...limits, fileMiB: fileMiBOf(limits), preload, network, mounts, isLean }),
  }
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
  const { data, masterKey, credentials, kinds, mounts } = config
  return viewOf({
    program: fileURLToPath(new URL('..', import.meta.url)),
    kinds: [...kinds, ...(workerProgram === undefined ? [] : [dirname(workerProgram)])],
    mounts,
    sealed: [cache],
    hidden: [data, ...[masterKey, credentials].filter((path) => path !== undefined)],
    standIns: join(data, 'sandbox'),
    user: userInside() ?? process.getuid?.() ?? 0,
  })
}

/** What of Mayfly itself every task needs. */
interface OwnCode {
  readonly ownKinds: AllRead
  /** The program that workers are born from. */
  readonly linked: string
}

/**
 * Reads the kinds that come with Mayfly and links the worker, or lays out what an earlier start has made of the same
 * code, which spares a third of what a start costs: 0.25 of 0.8 s of CPU (measured).
 */
async function takeUpCode(site: Site, environment: Environment, cache: string): Promise<OwnCode> {
  const program = programs('main.ts')
  const fingerprint = fingerprintOfCode(environment)
  const remembered = new Remembered(places('node_modules/.cache/mayfly-code'), fingerprint)
  const found = (await remembered.recall(cache)) as AllRead['found'] | undefined
  if (found) return { ownKinds: { found, broken: [] }, linked: linkedIn(cache) }
  const [ownKinds, linked] = await Promise.all([
    loadOwnKinds(environment),
    link(program, cache, site.environment, site.logger),
  ])
  const isWhole = ownKinds.broken.length === 0 && linked !== program
  // Code that was changed meanwhile, as by an update, would be found by those who go back to what it was before.
  if (isWhole && fingerprintOfCode(environment) === fingerprint) await remembered.keep(cache, ownKinds.found)
  return { ownKinds, linked }
}

/** Where all is that workers load of ours, and who reads and links it. */
const codeOfWorkers = [
  'workers',
  ...['contract', 'kinds', 'launch', 'mask', 'process', 'protocol', 'system', 'task'].map((folder) => `src/${folder}`),
  'src/prepare.ts',
]

/** Of libraries it is enough which there are: what Node has compiled of them it compares with them itself. */
function fingerprintOfCode(environment: Environment): string {
  const { version, arch } = process
  const { NODE_COMPILE_CACHE: _, ...steady } = environment
  // In a checkout the libraries lie below it, of a package that is installed beside it.
  const code = [...codeOfWorkers, 'package.json', 'node_modules/.package-lock.json', '../.package-lock.json']
  return fingerprintOf(code.map(places), { version, arch, user: process.getuid?.(), steady })
}

const kindDeadlineMs = 10_000

const readerIn = (environment: Environment): ReaderOptions => ({
  program: programs('describe.ts'),
  environment,
  deadlineMs: kindDeadlineMs,
})

async function loadOwnKinds(environment: Environment): Promise<AllRead> {
  const read = await readOwnKinds(programs('tasks'), readerIn(environment))
  await loadLean(read, environment)
  return read
}

async function loadKinds(directories: readonly string[], environment: Environment): Promise<AllRead> {
  const read = await readKinds(directories, readerIn(environment))
  await loadLean(read, environment)
  return read
}

/** Like the first worker's, the code of kinds is in the compile cache from now on, however their workers are started. */
async function loadLean({ found }: AllRead, environment: Environment): Promise<void> {
  const lean = found.filter(({ builtins = Number.POSITIVE_INFINITY }) => new Appetite(builtins).isLean)
  const modules = lean.map(({ module }) => module)
  await loadAgain(modules, { ...readerIn(environment), flags: leanNode })
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
