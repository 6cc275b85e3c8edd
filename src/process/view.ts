/** What every sandbox shows of the machine: what programs need to run, and nothing of anybody's. */
import { existsSync, lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { furnishDevices } from './devices.ts'
import { furnishEtc, type StandIn } from './etc.ts'
import { kernelKnobs } from './kernel-knobs.ts'
import { writeNoKeys } from './no-keys.ts'

export interface View {
  /** Read-only; none lies in another. */
  readonly places: readonly StandIn[]
  readonly links: readonly Link[]
  /** The directory that stands in for /etc. */
  readonly etc: string
  /** What changes while the server runs, and is shown as it is when a worker is born. */
  readonly live: readonly StandIn[]
  /** The directory that stands in for /dev; where there is none, bwrap makes one. */
  readonly dev: string | undefined
  /** A file with the filter of calls that a worker must not make. */
  readonly filter: string
  /** Where /proc must not be written. */
  readonly knobs: readonly string[]
  /** Read-only as well, in the midst of what is hidden. */
  readonly sealed: readonly string[]
  /** What nobody sees, whatever else he is shown: the orchestrator's own data and keys. */
  readonly hidden: readonly Hidden[]
}

export interface Hidden {
  readonly path: string
  readonly isDirectory: boolean
}

interface Link {
  readonly to: string
  readonly at: string
}

export interface Shown {
  /** The directory of this program's own `src`, `workers` and so on. */
  readonly program: string
  readonly kinds: readonly string[]
  /** What the operator lets all workers read. */
  readonly mounts: readonly string[]
  readonly sealed: readonly string[]
  /** Not each of them need be there. */
  readonly hidden: readonly string[]
  /** Where the stand-ins for /etc and /dev are made. */
  readonly standIns: string
  readonly user: number
}

const programs = ['/usr', '/nix/store', '/gnu/store']
const atRoot = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']

/** Makes the stand-ins for /etc and /dev, and looks at what there is. */
export function viewOf({ program, kinds, mounts, sealed, hidden, standIns, user }: Shown): View {
  const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  const etc = join(standIns, 'etc')
  const filter = join(standIns, 'no-keys')
  const wanted = [
    ...programs,
    ...atRoot.filter((path) => !isLink(path)),
    ...runtime(process.execPath),
    ...partsOf(program),
    ...kinds.flatMap(withPackages),
    ...mounts,
  ]
  const live = furnishEtc(etc, user)
  writeNoKeys(filter)
  return {
    places: outermost(wanted.flatMap(bothNames)).map(standIn),
    links: atRoot.filter(isLink).map((at) => ({ to: readlinkSync(at), at })),
    etc,
    live,
    dev: furnishDevices(join(standIns, 'dev')),
    filter,
    knobs: kernelKnobs(),
    sealed,
    hidden: [...new Set(hidden.flatMap(bothNames))].map((path) => ({
      path,
      isDirectory: statSync(path).isDirectory(),
    })),
  }
}

/** What sandboxes of this view leave open to a server that runs as this user, in a sentence; undefined for nothing. */
export function leftOpen({ dev }: Pick<View, 'dev'>, user: number | undefined): string | undefined {
  if (dev !== undefined || user !== 0) return undefined
  return "tasks are shown the machine's own devices, and can change their mode, since they are root outside of their sandbox: keep the data directory where devices may be made and opened (not on a file system that is mounted with nodev), or run the server as another user"
}

/** Node and what came with it, where that is not among the programs of the system: npm lies beside it. */
function runtime(node: string): readonly string[] {
  return [node, join(dirname(dirname(node)), 'lib', 'node_modules')]
}

/** This program by its parts: what else lies beside them (data, settings, keys) is none of a worker's business. */
function partsOf(program: string): readonly string[] {
  const packages = outermostPackages(program)
  if (packages !== undefined) return [packages]
  return ['src', 'workers', 'node_modules', 'package.json'].map((part) => join(program, part))
}

/** A directory of kinds, with the packages that Node would find from there. */
function withPackages(directory: string): readonly string[] {
  const above = ancestorsOf(directory)
  return [directory, ...above.flatMap((place) => [join(place, 'node_modules'), join(place, 'package.json')])]
}

/** Of a program that is installed as a package: where it lies with those that it needs. */
function outermostPackages(path: string): string | undefined {
  const parts = path.split(sep)
  const at = parts.indexOf('node_modules')
  return at < 0 ? undefined : parts.slice(0, at + 1).join(sep)
}

function ancestorsOf(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [path] : [path, ...ancestorsOf(above)]
}

/** A place as it is called, and as it is when all links are followed. */
export function standIn(at: string): StandIn {
  return { from: realpathSync(at), at }
}

/** None when it is not there. */
function bothNames(path: string): readonly string[] {
  return existsSync(path) ? [path, realpathSync(path)] : []
}

function outermost(places: readonly string[]): readonly string[] {
  const all = [...new Set(places)].sort()
  return all.filter((place) => !all.some((other) => other !== place && isWithin(place, other)))
}

export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`)
}
