/** What level 3 (a user for each slot, hard limits of memory and processes) would need that is not here. */
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { groupsOf } from './cgroup.ts'
import { readProc } from './proc.ts'

export interface Footing {
  readonly isLinux: boolean
  /** Undefined where there are no such users. */
  readonly user: number | undefined
  /** What there is for the control group (v2) of this process; undefined where v2 has not all to itself. */
  readonly group: Group | undefined
}

interface Group {
  readonly path: string
  readonly controllers: readonly string[]
  /** Whether groups can be made in it, and limits set for them. */
  readonly isWritable: boolean
}

const mount = '/sys/fs/cgroup'
const needed = ['memory', 'pids']

export function footing(): Footing {
  return { isLinux: process.platform === 'linux', user: process.getuid?.(), group: ownGroup() }
}

/** One clause each; empty when nothing is missing. */
export function lackedByLevelThree({ isLinux, user, group }: Footing): readonly string[] {
  if (!isLinux) return ['Linux']
  const rights = user === 0 ? [] : [`root, to have users for tasks (it runs as user ${user})`]
  return [
    ...rights,
    ...(group ? lackedBy(group) : [`cgroup v2 alone at ${mount} (\`systemd.unified_cgroup_hierarchy=1\`)`]),
  ]
}

function lackedBy({ path, controllers, isWritable }: Group): readonly string[] {
  const missing = needed.filter((name) => !controllers.includes(name))
  const delegation = 'delegation (`Delegate=memory pids` in the unit of systemd)'
  return [
    ...(missing.length > 0 ? [`the controllers ${missing.join(' and ')} in its control group ${path}`] : []),
    ...(isWritable ? [] : [`the right to make control groups in ${path}: ${delegation}`]),
  ]
}

function ownGroup(): Group | undefined {
  const [path] = groupsOf(readProc('/proc/self/cgroup') ?? '', mount)
  // With the controllers of v1 beside it, v2 is mounted elsewhere and has none.
  if (path === undefined || readProc(join(mount, 'cgroup.controllers')) === undefined) return undefined
  const controllers = (readProc(join(path, 'cgroup.controllers')) ?? '').trim().split(/\s+/)
  return { path, controllers, isWritable: isWritable(path) && isWritable(join(path, 'cgroup.subtree_control')) }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
