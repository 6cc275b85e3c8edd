import { constants } from 'node:fs'
import { chmod, type FileHandle, lstat, open } from 'node:fs/promises'

/** What its owner needs to see what is in a directory. */
const ownersLook = 0o500
/** Stands for a file without opening it (`asm-generic/fcntl.h`): Node has no name for it. */
const O_PATH = 0o10000000
const canOpen = process.platform === 'linux'

const nothing = async () => {}

/**
 * Opens a directory that its owner has closed to himself, which only root could look into; resolves with what closes it
 * again. A task would hide from its limits in there, and may need it closed. No link is followed, also not one that takes
 * its place meanwhile: a path in /proc leads to what was found and nowhere else.
 */
export async function openFor(directory: Buffer): Promise<() => Promise<void>> {
  if (!canOpen || process.getuid?.() === 0 || (await isOpen(directory))) return nothing
  const found = await open(directory, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(() => undefined)
  if (!found) return nothing
  try {
    return await openUp(found)
  } catch {
    await found.close()
    return nothing
  }
}

async function isOpen(directory: Buffer): Promise<boolean> {
  const found = await lstat(directory).catch(() => undefined)
  return !found || (found.mode & ownersLook) === ownersLook
}

async function openUp(directory: FileHandle): Promise<() => Promise<void>> {
  const { mode } = await directory.stat()
  const path = `/proc/self/fd/${directory.fd}`
  await chmod(path, mode | ownersLook)
  return async () => {
    await chmod(path, mode).catch(() => {})
    await directory.close()
  }
}
