/** What the control groups (v2) that hold this process leave to it: containers and services are limited by theirs. */
import { join } from 'node:path'

/** A file's text; undefined when it cannot be read, for whatever reason. */
export type ReadText = (path: string) => string | undefined

export interface Memory {
  readonly totalMiB: number
  /** What new processes could have, without anybody's being swapped out. */
  readonly availableMiB: number
}

/** However deep somebody has nested them. */
const mostLevels = 32
const bytesPerMiB = 1024 ** 2

/** From the innermost to the outermost that is visible here. The text is that of /proc/self/cgroup. */
export function groupsOf(text: string, mount: string): readonly string[] {
  const path = /^0::(\/.*)$/m.exec(text)?.[1]
  if (path === undefined) return []
  // From outside of the container that is looked at from, the path leads upwards: nothing below the mount is its own.
  const names = path.includes('/..') ? [] : path.split('/').filter(Boolean).slice(0, mostLevels)
  return [...names.keys(), names.length].reverse().map((depth) => join(mount, ...names.slice(0, depth)))
}

/** What a group may use and has left; undefined when it has no limit. */
export function memoryOf(group: string, read: ReadText): Memory | undefined {
  const limit = Math.min(limitIn(read(join(group, 'memory.max'))), limitIn(read(join(group, 'memory.high'))))
  const current = Number.parseInt(read(join(group, 'memory.current')) ?? '', 10)
  if (!Number.isFinite(limit) || !Number.isFinite(current)) return undefined
  const reclaimable = reclaimableIn(read(join(group, 'memory.stat')) ?? '')
  const left = limit - Math.max(0, current - reclaimable)
  return { totalMiB: limit / bytesPerMiB, availableMiB: Math.max(0, left) / bytesPerMiB }
}

/** Whether it may not use all CPUs all the time. The text is that of cpu.max: `QUOTA PERIOD`, or `max PERIOD`. */
export function hasQuota(text: string | undefined): boolean {
  return /^\d+ /.test(text ?? '')
}

function limitIn(text: string | undefined): number {
  return /^\d+\s*$/.test(text ?? '') ? Number(text) : Number.POSITIVE_INFINITY
}

/** Copies of files: those that nobody has looked at lately all go before anything else does, of the others a part. */
function reclaimableIn(stat: string): number {
  const bytes = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
  return bytes('inactive_file') + bytes('active_file') / 2
}
