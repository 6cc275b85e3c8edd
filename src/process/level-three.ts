/** What level 3 (a user for each slot, hard limits of memory and processes) stands on, and what of it is not here. */
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { aboveOurs, type Grounds } from './cells.ts'
import { groupsOf } from './cgroup.ts'
import { readProc } from './proc.ts'

export interface Footing {
  readonly isLinux: boolean
  /** Undefined where there are no such users. */
  readonly user: number | undefined
  /** The control groups of this process. */
  readonly group: Group
}

interface Group extends Partial<Grounds> {
  readonly version: 1 | 2
  /** Whether groups can be made in them, and limits set for these. */
  readonly isWritable: boolean
}

const mount = '/sys/fs/cgroup'
const needed = ['memory', 'pids'] as const

export function footing(): Footing {
  return { isLinux: process.platform === 'linux', user: process.getuid?.(), group: ownGroup() }
}

/** One clause each; empty when nothing is missing. */
export function lackedByLevelThree({ isLinux, user, group }: Footing): readonly string[] {
  if (!isLinux) return ['Linux']
  const rights = user === 0 ? [] : [`root, to have users for tasks (it runs as user ${user})`]
  return [...rights, ...lackedBy(group)]
}

/** Where cells can be made; undefined where they cannot. */
export function groundsOf({ version, memory, pids, isWritable }: Group): Grounds | undefined {
  return isWritable && memory !== undefined && pids !== undefined ? { version, memory, pids } : undefined
}

function lackedBy(group: Group): readonly string[] {
  const missing = needed.filter((name) => group[name] === undefined)
  const delegation = 'delegation (`Delegate=memory pids` in the unit of systemd)'
  if (missing.length > 0) return [`control groups that have ${missing.join(' and ')} below ${mount}`]
  return group.isWritable ? [] : [`the right to make control groups in ${group.memory}: ${delegation}`]
}

/** With the controllers of v1 beside it, v2 is mounted elsewhere and has none of these. */
function ownGroup(): Group {
  const text = readProc('/proc/self/cgroup') ?? ''
  const isAlone = readProc(join(mount, 'cgroup.controllers')) !== undefined
  const places = isAlone ? placesOfV2(text) : Object.fromEntries(needed.map((name) => [name, placeOfV1(text, name)]))
  const there = Object.values(places).filter((place) => place !== undefined)
  return { version: isAlone ? 2 : 1, ...places, isWritable: there.length > 0 && there.every(isWritable) }
}

function placesOfV2(text: string): Partial<Record<(typeof needed)[number], string>> {
  const [own] = groupsOf(text, mount)
  if (own === undefined) return {}
  const group = aboveOurs(own)
  const controllers = (readProc(join(group, 'cgroup.controllers')) ?? '').trim().split(/\s+/)
  return Object.fromEntries(needed.filter((name) => controllers.includes(name)).map((name) => [name, group]))
}

/** In a container the path may be the machine's, and what is mounted the container's own group. */
function placeOfV1(text: string, controller: string): string | undefined {
  const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(/.*)$`, 'm').exec(text)?.[1]
  if (path === undefined) return undefined
  const at = join(mount, controller)
  return [join(at, path), at].find((place) => readProc(join(place, 'cgroup.procs')) !== undefined)
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
