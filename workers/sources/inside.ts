import { lstatSync, realpathSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'

/** Whether a path is a directory or lies below it, as the two are written. */
export function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

/**
 * Whether it is inside also where links lead: sources may bring any. What of the path is not there yet leads nowhere; a
 * link to what is not there leads wherever whoever makes that wants.
 */
export function isReallyInside(path: string, directory: string): boolean {
  const there = existing(path)
  try {
    return isInside(realpathSync(there), realpathSync(directory))
  } catch {
    return false
  }
}

/** The path itself, or what there is of it. */
function existing(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false }) ? path : existing(dirname(path))
}
