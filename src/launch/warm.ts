import { chmodSync, readdirSync } from 'node:fs'
import { readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from '../files/remove.ts'
import { leanNode } from '../process/lean-node.ts'
import { encodeJson, FRAME } from '../protocol/frame.ts'
import { runErrand } from './errand.ts'
import { rehearsal } from './rehearsal.ts'

/** The exit of a worker that was let go before it was told a task. */
const neverTold = 85

/** A compile cache from scratch: what an earlier start left may be of older code, or of a task that could write there. */
export async function clearCache(directory: string): Promise<void> {
  if (!(await removeTree(directory))) throw new Error(`${directory} cannot be removed: remove it and start again`)
}

/**
 * Fills the compile cache with what every worker loads, by letting one live, rehearse and go without a task: with it a
 * worker starts in a third of the time. Rejects when workers cannot run here at all.
 */
export async function warm(program: string, environment: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all([warmWith([], program, environment), warmWith(leanNode, program, environment)])
}

async function warmWith(
  flags: readonly string[],
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const { code, said } = await runErrand(program, [], environment, {
    flags,
    word: encodeJson(FRAME.REHEARSE, rehearsal),
  })
  if (code !== neverTold) throw new Error(`a worker cannot run here: it exited with ${code} ${said}`)
}

/** Node looks for what it compiled under a name that ends with its user's number: here it finds ours. */
async function shareWith(user: number, directory: string): Promise<void> {
  const ending = `-${process.getuid?.()}`
  const ours = (await readdir(directory)).filter((name) => name.endsWith(ending))
  await Promise.all(ours.map((name) => symlink(name, join(directory, `${name.slice(0, -ending.length)}-${user}`))))
}

/**
 * From now on nobody writes here by accident. A task that means to can still leave code for the next one below isolation
 * level 2, as the same user and above all as root: it can as well change the programs themselves. `user` is who workers
 * are inside of their sandboxes, where that is not us.
 */
export async function seal(directory: string, user?: number): Promise<void> {
  if (user !== undefined) await shareWith(user, directory)
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o555 : 0o444)
  }
  chmodSync(directory, 0o555)
}
