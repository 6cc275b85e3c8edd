import { lstat, statfs } from 'node:fs/promises'

/** What files in memory take, as their own kernel tells it: names that are gone, and are open still, too. */
export interface InMemoryUse {
  readonly bytes: number
  /** Files and directories. */
  readonly entries: number
}

/** Where a sandbox can have such files; the second is a link to the first, or a place of its own. */
const places = ['tmp', 'dev/shm']

/** As a process has them, whatever world it lives in; nothing when it is gone. */
export async function filesInMemory(pid: number): Promise<InMemoryUse> {
  const uses = await Promise.all(places.map((place) => useOf(`/proc/${pid}/root/${place}`)))
  return {
    bytes: uses.reduce((sum, { bytes }) => sum + bytes, 0),
    entries: uses.reduce((sum, { entries }) => sum + entries, 0),
  }
}

async function useOf(path: string): Promise<InMemoryUse> {
  try {
    // A link would lead to a place of ours.
    if (!(await lstat(path)).isDirectory()) return nothing
    const { type, bsize, blocks, bfree, files, ffree } = await statfs(path)
    return type === tmpfs ? { bytes: (blocks - bfree) * bsize, entries: files - ffree } : nothing
  } catch {
    return nothing
  }
}

const nothing: InMemoryUse = { bytes: 0, entries: 0 }
const tmpfs = 0x01021994
