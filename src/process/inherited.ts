import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A descriptor of this process: its number, what it leads to, and what it was opened for. */
interface Opening {
  readonly fd: number
  readonly target: string
  readonly isWriter: boolean
}

const firstInherited = 3
const O_ACCMODE = 3

/**
 * What whoever started this process left open for it, beside its first three: a passphrase to be read, a lock to be held
 * for as long as it lives. Nothing tells these from what Node has opened for itself, but for what that is: pipes with both
 * ends here, /dev/null, and what has no name of its own, such as its event loops. Throws where /proc does not show them.
 */
export function inheritedDescriptors(): readonly number[] {
  const all = readdirSync('/proc/self/fd').map(Number).filter(isNotFirst).flatMap(openingOf)
  const written = new Set(all.filter(({ isWriter }) => isWriter).map(({ target }) => target))
  const read = new Set(all.filter(({ isWriter }) => !isWriter).map(({ target }) => target))
  const isNodes = ({ target }: Opening) =>
    target === '/dev/null' ||
    target.startsWith('anon_inode:') ||
    (isPipe(target) && written.has(target) && read.has(target))
  return all.filter((opening) => !isNodes(opening)).map(({ fd }) => fd)
}

function isNotFirst(fd: number): boolean {
  return fd >= firstInherited
}

function isPipe(target: string): boolean {
  return target.startsWith('pipe:')
}

/** Nothing for what is closed again: /proc shows also the descriptor by which it is read. */
function openingOf(fd: number): Opening[] {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`)
    const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
    return [{ fd, target, isWriter: (Number.parseInt(flags, 8) & O_ACCMODE) !== 0 }]
  } catch {
    return []
  }
}
