import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { FILTER_FD, GATE_FD, NAMESPACE_FD, STATUS_FD } from './descriptors.ts'
import type { StandIn } from './etc.ts'
import { entering, type Isolation, inMemory, limiting, SANDBOX, USER, type Walls } from './isolation.ts'
import type { Slots } from './slots.ts'
import { type Hidden, isWithin, standIn, type View } from './view.ts'

/** What not every bwrap and not every machine can. */
export interface SandboxOptions {
  /** No user namespaces inside: most ways to attack the kernel begin with one. Needs bwrap 0.8. */
  readonly noNamespaces: boolean
  /** It waits for its limits, which whoever starts it sets; otherwise a shell in it does. */
  readonly isGated?: boolean
  readonly canCutOff: boolean
  readonly keepsInMemory: boolean
  /** Who the worker is inside; the orchestrator's own user when it is left out. Only who it seems: it has no rights. */
  readonly user?: number
}

/** Level 3: who the worker is inside is a user of its own outside too. */
export interface ApartOptions extends Omit<SandboxOptions, 'noNamespaces' | 'isGated'> {
  readonly user: number
  readonly slots: Slots
}

/**
 * Level 2: a worker sees no other process and only its workspace, what it is given to read, and a small world of its own
 * around that. Files are where they are outside too, so that no path has to be translated.
 *
 *     args              bwrap reads that it is to do nothing more, and begins when its limits stand, or when the orchestrator
 *                       has died, who would have told it a task
 *     die-with-parent   bwrap dies with the orchestrator, its first process with bwrap, and all others with that
 *     unshare-all       own users, processes, files, interprocess communication, host name and, when it is cut off, network
 *     seccomp           no keyrings of the kernel
 *     cap-drop          no capabilities, and bwrap itself sees to it that no program brings any
 */
export function sandboxed(view: View, options: SandboxOptions): Isolation {
  const { noNamespaces, isGated = false, canCutOff, keepsInMemory, user } = options
  const apart = [
    'bwrap',
    ...(isGated ? ['--args', String(GATE_FD)] : []),
    ...beginning,
    ...['--unshare-all', '--unshare-user'],
    ...(noNamespaces ? ['--disable-userns'] : []),
    ...(user === undefined ? [] : ['--uid', String(user), '--gid', String(user)]),
  ]
  const inWorld = around(view)
  return {
    level: SANDBOX,
    canCutOff,
    keepsInMemory,
    isGated,
    filter: view.filter,
    wrap: (walls) => [
      ...apart,
      ...(walls.network === 'host' ? ['--share-net'] : []),
      ...inWorld(walls),
      '--',
      ...(isGated ? [] : limiting(walls.limits)),
    ],
  }
}

/**
 * Level 3: the same, in a control group, and for a user of the machine that nobody else is. bwrap sets the sandbox up as
 * root of a namespace in which there are two users and no other namespace can be made; then the worker becomes the other
 * one, for good.
 */
export function apartAs({ user, slots, canCutOff, keepsInMemory }: ApartOptions, view: View): Isolation {
  const apart = [
    'bwrap',
    ...beginning,
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--userns', String(NAMESPACE_FD)],
    ...toBecome.flatMap((name) => ['--cap-add', `CAP_${name}`]),
  ]
  const become = ['--reuid', String(user), '--regid', String(user), '--clear-groups']
  const inWorld = around(view)
  return {
    level: USER,
    canCutOff,
    keepsInMemory,
    slots,
    filter: view.filter,
    wrap: (walls) => [
      ...entering(walls.doors ?? []),
      ...apart,
      ...(walls.network === 'none' ? ['--unshare-net'] : []),
      ...inWorld(walls, openWays(walls, view)),
      '--',
      ...limiting(walls.limits, NAMESPACE_FD),
      ...['setpriv', ...become, '--inh-caps=-all', '--bounding-set=-all', '--'],
    ],
  }
}

/** The last one to enter a workspace that is its owner's alone; all are gone with the change of user. */
const toBecome = ['SETUID', 'SETGID', 'SETPCAP', 'DAC_READ_SEARCH']

const beginning = [
  '--die-with-parent',
  '--new-session',
  '--cap-drop',
  'ALL',
  '--json-status-fd',
  String(STATUS_FD),
  '--seccomp',
  String(FILTER_FD),
]

/** bwrap makes the ways to what it shows for its own user alone, and that is not who the worker becomes. */
function openWays({ workspace, shared, mounts }: Walls, { places, sealed }: View): readonly string[] {
  const shown = [
    ...places.map(({ at }) => at),
    ...sealed,
    ...mounts,
    workspace,
    ...(shared === undefined ? [] : [shared]),
  ]
  const ways = new Set(shown.map((path) => dirname(path)).filter((way) => way !== '/'))
  return [...ways].flatMap((way) => ['--perms', '0755', '--dir', way])
}

function around(view: View): (walls: Walls, ways?: readonly string[]) => readonly string[] {
  const world = shared(view)
  // First comes what may hold some of what is shown.
  return (walls, ways = []) => [...temporary(walls.tmp), ...ways, ...world, ...own(walls, view)]
}

/** In memory it has all that a task works with; only what others are to have of it is on disk. */
function temporary(tmp: Walls['tmp']): readonly string[] {
  if (typeof tmp === 'string') return mount(tmp, '/tmp')
  const { work, home } = inMemory
  const directories = [dirname(work), work, home].flatMap((path) => ['--perms', '0777', '--dir', path])
  return [...mount(tmp, '/tmp'), ...directories, '--chdir', work]
}

function mount(what: Walls['tmp'], at: string): readonly string[] {
  if (typeof what === 'string') return ['--bind', what, at]
  // Whoever it is made by, nobody but the worker is there.
  return ['--perms', '0777', '--size', String(what.mostMiB * 1024 ** 2), '--tmpfs', at]
}

/** What is the same for all: every mount costs each start 0.15 ms of CPU (measured), so they are few and coarse. */
function shared({ places, links, etc, live, knobs, dev }: View): readonly string[] {
  return [
    ...places.flatMap(({ from, at }) => ['--ro-bind', from, at]),
    ...links.flatMap(({ to, at }) => ['--symlink', to, at]),
    ...['--ro-bind', etc, '/etc'],
    ...live.flatMap(({ from, at }) => ['--ro-bind-try', from, at]),
    ...['--proc', '/proc'],
    ...(dev === undefined ? ['--dev', '/dev'] : ['--dev-bind', dev, '/dev']),
    ...knobs.flatMap((knob) => ['--ro-bind', knob, knob]),
  ]
}

/**
 * What would lie in memory without a limit is a part of its workspace instead, or cannot be written. The last mount of a
 * place counts: nothing that a kind is given to read uncovers what is hidden.
 */
function own({ workspace, tmp, mounts, shared }: Walls, { places, hidden, sealed, dev }: View): readonly string[] {
  const given = mounts
    .filter((mount) => existsSync(mount))
    .map(standIn)
    .filter(({ from }) => !hidden.some(({ path }) => isWithin(from, path)))
  const uncovered = [...places, ...given].flatMap((place) => hidden.flatMap((one) => shownBy(place, one)))
  return [
    ...given.flatMap(({ from, at }) => ['--ro-bind', from, at]),
    ...uncovered.flatMap(({ path, isDirectory }) =>
      isDirectory ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path],
    ),
    ...sealed.flatMap((place) => ['--ro-bind', place, place]),
    ...['--bind', workspace, workspace],
    ...(shared === undefined ? [] : ['--bind', shared, shared]),
    ...(dev === undefined ? [...mount(tmp, '/dev/shm'), '--remount-ro', '/dev'] : []),
    ...['--remount-ro', '/'],
  ]
}

/** What is hidden, under the name by which a place would show it. */
function shownBy({ from, at }: StandIn, { path, isDirectory }: Hidden): readonly Hidden[] {
  return isWithin(path, from) ? [{ path: `${at}${path.slice(from.length)}`, isDirectory }] : []
}
