import type { Dirent } from 'node:fs'
import { lchown, readdir } from 'node:fs/promises'

/**
 * Gives everything here to another user, links not followed. Call it while nobody works on it: whoever did could put
 * something else in its place meanwhile.
 */
export async function give(path: string | Buffer, user: number): Promise<void> {
  await lchown(path, user, user)
  for (const entry of await entriesOf(path)) {
    const below = Buffer.concat([Buffer.from(path), slash, entry.name])
    if (entry.isDirectory()) await give(below, user)
    else await lchown(below, user, user)
  }
}

const slash = Buffer.from('/')

/** With names as bytes, because they need not be text; none of what is no directory. */
async function entriesOf(path: string | Buffer): Promise<readonly Dirent<Buffer>[]> {
  try {
    return await readdir(path, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return []
    throw error
  }
}
