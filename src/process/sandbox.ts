import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { StandIn } from './etc.ts'
import { type Isolation, inMemory, limiting, SANDBOX, type Walls } from './isolation.ts'
import { type Hidden, isWithin, standIn, type View } from './view.ts'

/** Where bwrap tells of the first process that it started. */
export const STATUS_FD = 5

/** What not every bwrap and not every machine can. */
export interface SandboxOptions {
  /** No user namespaces inside: most ways to attack the kernel begin with one. Needs bwrap 0.8. */
  readonly noNamespaces: boolean
  readonly canCutOff: boolean
  readonly keepsInMemory: boolean
  /** Who the worker is inside; the orchestrator's own user when it is left out. Only who it seems: it has no rights. */
  readonly user?: number
}

/**
 * Level 2: a worker sees no other process and only its workspace, what it is given to read, and a small world of its own
 * around that. Files are where they are outside too, so that no path has to be translated.
 *
 *     die-with-parent   bwrap dies with the orchestrator, its first process with bwrap, and all others with that
 *     unshare-all       own users, processes, files, interprocess communication, host name and, when it is cut off, network
 *     cap-drop          no capabilities, and bwrap itself sees to it that no program brings any
 */
export function sandboxed(view: View, options: SandboxOptions): Isolation {
  const { noNamespaces, canCutOff, keepsInMemory, user } = options
  const apart = [
    'bwrap',
    ...['--die-with-parent', '--new-session', '--unshare-all', '--unshare-user', '--cap-drop', 'ALL'],
    ...(noNamespaces ? ['--disable-userns'] : []),
    ...(user === undefined ? [] : ['--uid', String(user), '--gid', String(user)]),
    ...['--json-status-fd', String(STATUS_FD)],
  ]
  const world = shared(view)
  return {
    level: SANDBOX,
    canCutOff,
    keepsInMemory,
    wrap: (walls) => [
      ...apart,
      ...(walls.network === 'host' ? ['--share-net'] : []),
      // First, because what is shown may lie in there.
      ...temporary(walls.tmp),
      ...world,
      ...own(walls, view),
      '--',
      ...limiting(walls.limits),
    ],
  }
}

/** In memory it has all that a task works with; only what others are to have of it is on disk. */
function temporary(tmp: Walls['tmp']): readonly string[] {
  if (typeof tmp === 'string') return mount(tmp, '/tmp')
  const { work, home } = inMemory
  return [...mount(tmp, '/tmp'), ...['--dir', dirname(work), '--dir', work, '--dir', home, '--chdir', work]]
}

function mount(what: Walls['tmp'], at: string): readonly string[] {
  if (typeof what === 'string') return ['--bind', what, at]
  return ['--size', String(what.mostMiB * 1024 ** 2), '--tmpfs', at]
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
