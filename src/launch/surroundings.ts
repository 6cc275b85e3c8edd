import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { Journal } from '../journal/journal.ts'
import type { Kind } from '../kinds/registry.ts'
import { type Level, SANDBOX } from '../process/isolation.ts'
import type { Task } from '../task/task.ts'
import type { LaunchProfile } from './profile.ts'

/** What of a launch profile comes from the kind of a task. */
export interface Surroundings extends Pick<LaunchProfile, 'preload' | 'network' | 'mounts' | 'isLean'> {
  /** The name of a directory of its tenant. */
  readonly directory: string | null
}

interface SurroundingsDeps {
  readonly journal: Pick<Journal, 'task'>
  readonly level: Level
}

/**
 * What a task of this kind is born into. Where files are hidden, a task whose input names places of the machine has
 * them mounted: its sender was allowed to have them read. For that alone the task is read before it is claimed.
 */
export async function surroundingsOf(
  task: Pick<Task, 'id' | 'tenant'>,
  kind: Kind | undefined,
  { journal, level }: SurroundingsDeps,
): Promise<Surroundings> {
  const known = surroundingsOfKind(kind, level)
  if (known) return known
  const input = (await journal.task(task.tenant, task.id))?.input
  const { mounts, ...surroundings } = ofAll(kind)
  return { ...surroundings, mounts: [...mounts, ...placesIn(input, kind?.hostPaths ?? [])] }
}

/** The same where no task has to be read for it; else undefined. */
export function surroundingsOfKind(kind: Kind | undefined, level: Level): Surroundings | undefined {
  if (level < SANDBOX) return { ...ofAll(kind), mounts: [] }
  return (kind?.hostPaths ?? []).length === 0 ? ofAll(kind) : undefined
}

function ofAll({
  preload = [],
  network = 'host',
  mounts = [],
  directory = null,
  appetite,
}: Partial<Kind> = {}): Surroundings {
  return { preload, network, mounts, directory, isLean: preload.length === 0 && (appetite?.isLean ?? false) }
}

/** The machine's own pseudo files, and what a sandbox has one of its own of. */
const neverMounted = ['/', '/proc', '/sys', '/dev', '/tmp', '/etc', '/run']

/** Those that are there: of others the task itself says that they are not. */
function placesIn(input: unknown, members: readonly string[]): readonly string[] {
  const values = new Map(Object.entries((input ?? {}) as Record<string, unknown>))
  const paths = members.map((name) => values.get(name)).filter((value) => typeof value === 'string')
  return paths
    .filter(isAbsolute)
    .map((path) => resolve(path))
    .filter(isMountable)
}

function isMountable(path: string): boolean {
  return existsSync(path) && !neverMounted.includes(path) && !neverMounted.includes(realpathSync(path))
}
