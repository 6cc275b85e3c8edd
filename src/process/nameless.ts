import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { treeOf } from './usage.ts'

/** More descriptors than these are not looked at: their number has a limit of its own. */
const maxLooks = 4_000

/**
 * Bytes of files that have lost their names and are open in a tree: they take disk until they are closed, and no walk
 * finds them. Counted on the device of this directory.
 */
export function namelessBytes(leader: number, others: readonly number[], directory: string): number {
  const device = statOf(directory)?.dev
  const seen = new Map<number, number>()
  let looks = 0
  for (const pid of new Set([...treeOf(leader), ...others])) {
    for (const path of descriptorsOf(pid)) {
      if (++looks > maxLooks) return sumOf(seen)
      if (!isNameless(path)) continue
      const stat = statOf(path)
      if (stat?.isFile() && stat.dev === device) seen.set(stat.ino, stat.blocks * blockBytes)
    }
  }
  return sumOf(seen)
}

const blockBytes = 512

function sumOf(sizes: ReadonlyMap<number, number>): number {
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)
  } catch {
    return []
  }
}

function isNameless(path: string): boolean {
  try {
    return readlinkSync(path).endsWith(' (deleted)')
  } catch {
    return false
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
