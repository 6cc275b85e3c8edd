import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { newWorkerId } from '../system/ids.ts'

/** The longest path that the system takes is 4,096 bytes; whatever comes near is lifted to the top first. */
const longPathBytes = 2_048
const slash = Buffer.from('/')

/**
 * Removes a directory with everything in it, links not followed, whatever a task did to keep it: false when something
 * is left all the same.
 */
export async function removeTree(path: string): Promise<boolean> {
  return (
    (await tryRemove(path)) ||
    (await openUp(path).then(
      () => tryRemove(path),
      () => false,
    ))
  )
}

function tryRemove(path: string): Promise<boolean> {
  return rm(path, { recursive: true, force: true, maxRetries: 3 }).then(
    () => true,
    () => false,
  )
}

/** Gives back the right to enter and empty directories that were closed, and makes paths short that were too long. */
async function openUp(root: string): Promise<void> {
  // Bytes, because a name need not be text.
  const pending = [Buffer.from(root)]
  for (let next = pending.pop(); next; next = pending.pop()) {
    const directory = next.length > longPathBytes ? await lift(next, root) : next
    await chmod(directory, 0o700)
    for (const entry of await readdir(directory, { withFileTypes: true, encoding: 'buffer' })) {
      if (entry.isDirectory()) pending.push(Buffer.concat([directory, slash, entry.name]))
    }
  }
}

/** Under a name that nobody could have taken. */
async function lift(directory: Buffer, root: string): Promise<Buffer> {
  const lifted = Buffer.from(`${root}/${newWorkerId()}`)
  await rename(directory, lifted)
  return lifted
}
