import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A descriptor of this process: its number, what it leads to, and what it was opened for. */
interface Opening {
  readonly fd: number
  readonly target: string
  readonly isWriter: boolean
}

const firstInherited = 3
const O_ACCMODE = 3
/** Of a socket: number, references, protocol, flags, type, state, inode, and its path if it has one. */
const connectedUnnamed = /^\S+: \S+ \S+ \S+ \S+ 03 +(\d+)$/
const nothing: ReadonlySet<string> = new Set()

/**
 * What whoever started this process left open for it, beside its first three: a passphrase to be read, a lock to be held
 * for as long as it lives. Nothing tells these from what Node has opened for itself, but for what that is: pipes with both
 * ends here, /dev/null, and what has no name of its own, such as its event loops; nor from what was opened since, so it is
 * to be asked before anything is. Of sockets it is only pairs, which a parent makes: others would be those of what Node was
 * told to load first, and be in its way when that opens them again. Throws where /proc does not show them.
 */
export function inheritedDescriptors(): readonly number[] {
  const all = readdirSync('/proc/self/fd').map(Number).filter(isNotFirst).flatMap(openingOf)
  const written = new Set(all.filter(({ isWriter }) => isWriter).map(({ target }) => target))
  const read = new Set(all.filter(({ isWriter }) => !isWriter).map(({ target }) => target))
  const pairs = all.some(({ target }) => isSocket(target)) ? socketPairs() : nothing
  const isNodes = ({ target }: Opening) =>
    target === '/dev/null' ||
    target.startsWith('anon_inode:') ||
    (isPipe(target) && written.has(target) && read.has(target)) ||
    (isSocket(target) && !pairs.has(target))
  return all.filter((opening) => !isNodes(opening)).map(({ fd }) => fd)
}

function isNotFirst(fd: number): boolean {
  return fd >= firstInherited
}

function isPipe(target: string): boolean {
  return target.startsWith('pipe:')
}

function isSocket(target: string): boolean {
  return target.startsWith('socket:')
}

/** Connected, and without a name in the file system. */
function socketPairs(): ReadonlySet<string> {
  const lines = readFileSync('/proc/self/net/unix', 'latin1').split('\n')
  return new Set(lines.flatMap((line) => connectedUnnamed.exec(line)?.[1] ?? []).map((inode) => `socket:[${inode}]`))
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
