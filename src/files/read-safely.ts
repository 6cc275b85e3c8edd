import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A small file that a task may have made, or made into something else; undefined when it is not there, too large, a link,
 * no plain file, or somebody else's by another name.
 */
export async function readSafely(directory: string, name: string, mostBytes: number): Promise<string | undefined> {
  const place = await lstat(directory).catch(() => undefined)
  if (!place?.isDirectory()) return undefined
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(join(directory, name), flags).catch(() => undefined)
  if (!handle) return undefined
  try {
    const stat = await handle.stat()
    const isOurs = stat.isFile() && stat.nlink === 1 && stat.size <= mostBytes
    return isOurs ? await handle.readFile('utf8') : undefined
  } finally {
    await handle.close()
  }
}
