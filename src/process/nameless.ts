import { readdirSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { treeOf } from './usage.ts'

/** More descriptors than these are not looked at: their number has a limit of its own. */
const maxLooks = 4_000

/**
 * Bytes of files without a name that are open in a tree: they take the disk, or memory that counts as nobody's, until they
 * are closed, and no walk finds them. Of those on disks only what is on the device of this directory.
 */
export function namelessBytes(leader: number, others: readonly number[], directory: string): number {
  const device = statOf(directory)?.dev
  const seen = new Map<string, number>()
  let looks = 0
  for (const pid of new Set([...treeOf(leader), ...others])) {
    for (const path of descriptorsOf(pid)) {
      if (++looks > maxLooks) return sumOf(seen)
      const target = targetOf(path)
      if (!target.endsWith(' (deleted)')) continue
      const stat = statOf(path)
      const counts = stat?.dev === device || target.startsWith('/memfd:')
      if (stat?.isFile() && stat.nlink === 0 && counts) seen.set(`${stat.dev} ${stat.ino}`, stat.blocks * blockBytes)
    }
  }
  return sumOf(seen)
}

const blockBytes = 512

function sumOf(sizes: ReadonlyMap<string, number>): number {
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => `/proc/${pid}/fd/${fd}`)
  } catch {
    return []
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
