import type { Network } from '../process/isolation.ts'

/** What is fixed when a worker is born: a task takes only a worker of its profile. */
export interface LaunchProfile {
  readonly memoryMiB: number
  readonly workspaceMiB: number
  /** Where files are. */
  readonly workspace: 'disk' | 'memory'
  /** Of one file. */
  readonly fileMiB: number
  /** Of one process. */
  readonly openFiles: number
  readonly processes: number
  /** URLs of modules that are loaded before the worker knows its task. */
  readonly preload: readonly string[]
  readonly network: Network
  /** What it may read of the machine, where its level hides files. */
  readonly mounts: readonly string[]
  /** Its task will have next to nothing of Node loaded: no need of it, but what it starts best with. */
  readonly isLean: boolean
}

/** Equal for profiles that are. */
export function keyOf(profile: LaunchProfile): string {
  return keysOf(profile).own
}

/** Equal for profiles whose workers can do each other's tasks. */
export function needsOf(profile: LaunchProfile): string {
  return keysOf(profile).needs
}

interface Keys {
  readonly own: string
  readonly needs: string
}

/** A profile never changes, and is compared with all that stands by whenever one is taken or born: 17 times a task. */
const known = new WeakMap<LaunchProfile, Keys>()

function keysOf(profile: LaunchProfile): Keys {
  const before = known.get(profile)
  if (before) return before
  const { isLean, ...needed } = profileOf(profile)
  const needs = JSON.stringify(Object.values(needed))
  const keys = { own: `${isLean} ${needs}`, needs }
  known.set(profile, keys)
  return keys
}

/** What of a larger thing is its profile, and nothing else. */
export function profileOf({ preload, network, mounts, isLean, ...limits }: LaunchProfile): LaunchProfile {
  const { memoryMiB, workspaceMiB, workspace, fileMiB, openFiles, processes } = limits
  return { memoryMiB, workspaceMiB, workspace, fileMiB, openFiles, processes, preload, network, mounts, isLean }
}
