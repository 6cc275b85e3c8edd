import type { Exit } from '../task/endings.ts'
import type { Used } from '../task/vitals.ts'
import type { ProcessLimits } from './isolation.ts'
import { Programs } from './programs.ts'
import { spawnByLibc } from './spawn-by-libc.ts'
import { spawnByNode } from './spawn-by-node.ts'
import type { Tie } from './tie.ts'

/** A process that is to be started, in a session of its own. */
export interface SpawnOrder {
  /** A path, or a name that is looked for where PATH of `env` says. */
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>
  /** What it has as its first descriptors, in their order. */
  readonly descriptors: readonly Descriptor[]
}

/** /dev/null, a pipe to us that goes both ways, a descriptor of ours, a file, a gate, or what it is tied to us by. */
export type Descriptor = 'ignore' | 'pipe' | number | Opened | Gate | Tie

/** A file to be read, from its beginning. */
export interface Opened {
  readonly file: string
}

/**
 * A pipe that says nothing, and ends when these limits hold the process, with all that it starts from then on; only for a
 * way that sets limits.
 */
export interface Gate {
  readonly limits: ProcessLimits
}

/** A process that runs, unless it has ended already. */
export interface Spawned {
  readonly pid: number
  /** Our ends of its pipes, by its descriptors: each is for whoever makes a socket of it, and open until then. */
  readonly ends: readonly (PipeEnd | undefined)[]
  /** Resolves when it has ended. */
  readonly exited: Promise<Exit>
  /** What it had used by then, and all that ended below it and was waited for, where the kernel tells. */
  readonly used?: Promise<Used | undefined>
}

/** What a socket is made of: a descriptor, or what Node has made of it. */
export type PipeEnd = { readonly fd: number } | { readonly handle: object }

export interface Spawn {
  /** Rejects when the system cannot start it, with the reason; nothing is left of it then. */
  (order: SpawnOrder): Promise<Spawned>
  /** Whether it sets limits; where it does not, what it starts has to. */
  readonly setsLimits: boolean
  /** What it can tie processes to us by; a way that cannot has none. */
  readonly newTie?: () => Tie
  /** Another number for what a descriptor stands for; a way that has none to give leaves it out. */
  readonly duplicate?: (descriptor: number) => number
  /** What one has used that had lost its parent and has ended, as far as it was left to us; once, for its number is free then. */
  readonly reap?: (pid: number) => Used | undefined
}

/** The cheapest way that this machine has. */
export function spawnHere(programs = new Programs()): Spawn {
  return spawnByLibc(programs) ?? spawnByNode
}
