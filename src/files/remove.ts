import { chmod, readdir, rename, rm } from 'node:fs/promises'
import { newWorkerId } from '../system/ids.ts'

/** The longest path that the system takes is 4,096 bytes; whatever comes near is lifted to the top first. */
const longPathBytes = 2_048
const slash = Buffer.from('/')
/** A removal that fails may still be at work somewhere below when it says so: it gets in the way of the next. */
const rounds = 5

/**
 * Removes a directory with everything in it, links not followed, whatever a task did to keep it: false when something
 * is left all the same.
 */
export async function removeTree(path: string): Promise<boolean> {
  for (let round = 1; round <= rounds; round++) {
    if (await tryRemove(path)) return true
    await openUp(path)
  }
  return false
}

/** Without retries of its own: in a deep tree they would multiply with every level. */
function tryRemove(path: string): Promise<boolean> {
  return rm(path, { recursive: true, force: true }).then(
    () => true,
    () => false,
  )
}

/** Gives back the right to enter and empty directories that were closed, and makes paths short that were too long. */
async function openUp(root: string): Promise<void> {
  // Bytes, because a name need not be text.
  const pending: Buffer[] = [Buffer.from(root)]
  for (let next = pending.pop(); next; next = pending.pop()) {
    // What cannot be opened shows in the next removal; what is gone meanwhile is as wanted.
    pending.push(...(await open(next, root).catch(() => [])))
  }
}

/** The directories in it. */
async function open(path: Buffer, root: string): Promise<Buffer[]> {
  const directory = path.length > longPathBytes ? await lift(path, root) : path
  await chmod(directory, 0o700)
  const entries = await readdir(directory, { withFileTypes: true, encoding: 'buffer' })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => Buffer.concat([directory, slash, entry.name]))
}

/** Under a name that nobody could have taken. */
async function lift(directory: Buffer, root: string): Promise<Buffer> {
  const lifted = Buffer.from(`${root}/${newWorkerId()}`)
  await rename(directory, lifted)
  return lifted
}
