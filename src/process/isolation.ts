/**
 * Isolation levels: which programs stand between the orchestrator and the worker, and what they give.
 *
 *     0 process   nothing: own group, empty environment, private workspace, heap limit, life line
 *     1 limits    unshare and sh, see `limited.ts`
 *     2 sandbox   bwrap, see `sandbox.ts`; its limits are set before it begins, or sh sets them in it
 *     3 user      the same, with sh, as a user of its own and in a control group, see `slots.ts`
 */
import type { Slots } from './slots.ts'
import type { Tie } from './tie.ts'

export type Level = 0 | 1 | 2 | 3

export const levelNames: Readonly<Record<Level, string>> = { 0: 'process', 1: 'limits', 2: 'sandbox', 3: 'user' }

/** Its tree ends with the orchestrator, and has limits. */
export const LIMITED: Level = 1

/** From here on no task sees another's processes or files. */
export const SANDBOX: Level = 2

/** From here on each has a user and a control group of its own. */
export const USER: Level = 3

/** What a worker has of the network: the machine's, or nothing but a loopback of its own. */
export type Network = 'host' | 'none'

export interface ProcessLimits {
  /** Private data of each process of the tree (RLIMIT_DATA). */
  readonly dataMiB: number
  readonly fileMiB: number
  readonly openFiles: number
  /** Processes and threads of the tree, as a brake: its processes are counted by whoever watches it. */
  readonly threads: number
}

/** Directories of a worker, as it calls them. */
export interface Workspace {
  readonly work: string
  readonly home: string
  readonly tmp: string
}

/** Its files are in memory, and take so much of it at most. */
export interface InMemory {
  readonly mostMiB: number
}

/** One place for all of them, so that one size bounds them. */
export const inMemory: Workspace = { work: '/tmp/mayfly/work', home: '/tmp/mayfly/home', tmp: '/tmp' }

/** What stands around one worker. */
export interface Walls {
  readonly limits: ProcessLimits
  readonly network: Network
  /** Directories and files of the machine that it may read, beside what all may. */
  readonly mounts: readonly string[]
  /** A directory that it shares with others of its tenant. */
  readonly shared?: string | undefined
  /** The directory of its workspace: but for what is shared, the only one that it may write to. */
  readonly workspace: string
  /** Where it has /tmp: a directory of its workspace, or so much of the memory. */
  readonly tmp: string | InMemory
  /** Variables of the environment that are not for the worker, but for the programs around it. */
  readonly shed?: readonly string[]
  /** Files that whoever is in its control group has written 0 to. */
  readonly doors?: readonly string[] | undefined
  /** Where a program of the machine is: by its name alone each that starts the next would look for it again. */
  readonly locate: (program: string) => string
}

export interface Isolation {
  readonly level: Level
  /** Whether it can keep a worker from the network. */
  readonly canCutOff: boolean
  /** Whether it can have a worker's files in memory. */
  readonly keepsInMemory: boolean
  /** Whether its first program waits at a gate until whoever starts it has set its limits. */
  readonly isGated?: boolean
  /** What ties its first program to the orchestrator, where no program around that does. */
  readonly tie?: Tie
  /** A file with the filter of its calls, from level 2 on. */
  readonly filter?: string
  /** What each worker has to itself, at level 3. */
  readonly slots?: Slots
  /** argv before the worker's own: empty at level 0. */
  wrap(walls: Walls): readonly string[]
}

export const bare: Isolation = { level: 0, canCutOff: false, keepsInMemory: false, wrap: () => [] }

/**
 * Becomes the next program of the line, which then has these limits, with all that it starts; and not a descriptor that
 * was only for what comes before.
 */
export function limiting(limits: ProcessLimits, spent?: number): readonly string[] {
  const script = `
    unset PWD OLDPWD
    ${setting(limits)}
    exec "$@"${spent === undefined ? '' : ` ${spent}<&-`}`
  return ['sh', '-c', script, 'sh']
}

/** Enters control groups by these doors, and becomes what follows, all of which is in them then. */
export function entering(doors: readonly string[]): readonly string[] {
  const script = 'until [ "$1" = -- ]; do echo 0 > "$1" || exit; shift; done; shift; exec "$@"'
  return ['sh', '-c', script, 'sh', ...doors, '--']
}

/** In the words of a shell, which calls the limit of a user's processes and threads by either letter. */
export function setting({ openFiles, dataMiB, fileMiB, threads }: ProcessLimits): string {
  return `ulimit -n ${openFiles}; ulimit -d ${dataMiB * 1024}; ulimit -f ${fileMiB * 2048}
    { ulimit -p ${threads} || ulimit -u ${threads}; } 2>/dev/null`
}
