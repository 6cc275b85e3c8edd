/** Secrets in files: those that systemd brings, and those that are mounted. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { zeroable } from '../../system/zeroable.ts'
import { maxSecretBytes, type SecretProvider, withoutLineEnd } from '../provider.ts'
import { isPassing, neverHere, SecretUnavailable } from '../unusable.ts'

/** A directory of secrets. */
export interface Root {
  readonly path: string
  /** Others on this machine may read what is in it: mounted into a container, nobody else may be there. */
  readonly shared?: boolean
  /** The end of the last line is part of a secret. */
  readonly exact?: boolean
}

export interface FileSettings {
  /** By the first part of a name: `file:ROOT/path`. */
  readonly roots: Readonly<Record<string, Root>>
  /** Files that are never lent, whatever root they are in: the master key. */
  readonly withheld: readonly string[]
}

const part = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]*$/
const maxParts = 16

/** `file:ROOT/path`: a file below a directory that the operator names, by no way that leads out of it. */
export function fileProvider({ roots, withheld }: FileSettings): SecretProvider {
  return {
    refusalOf(name) {
      const [root = '', ...path] = name.split('/')
      if (path.length === 0 || path.length > maxParts || ![root, ...path].every((one) => part.test(one))) {
        return 'must be file:ROOT/NAME, with plain names that do not begin with a dot'
      }
      if (Object.hasOwn(roots, root)) return undefined
      return `names the directory ${root}, which is not among secrets.files: the operator has to add it`
    },
    async get(name) {
      const [root = '', ...path] = name.split('/')
      const within = Object.hasOwn(roots, root) ? roots[root] : undefined
      if (!within) return undefined
      const file = await openWithin(within, path, name)
      if (!file) return undefined
      try {
        await refuseWithheld(file, withheld, name)
        return await read(file, within, name)
      } finally {
        await file.close()
      }
    },
  }
}

/** Links may lead about within the root, as those of mounted secrets do, and nowhere else. */
async function openWithin(root: Root, path: readonly string[], name: string): Promise<FileHandle | undefined> {
  try {
    const [base, target] = await Promise.all([realpath(root.path), realpath(join(root.path, ...path))])
    refuseOutside(base, target, name)
    // Not waited for: a pipe of this name would never answer.
    const file = await open(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      // A directory may have become a link meanwhile: what was opened is what counts.
      if (process.platform === 'linux') refuseOutside(base, await readlink(`/proc/self/fd/${file.fd}`), name)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (isPassing(error as NodeJS.ErrnoException)) {
      throw new SecretUnavailable(`the secret file:${name} cannot be read now (${code})`, { cause: error })
    }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (code === undefined) throw error
    throw neverHere(`the secret file:${name} cannot be read (${code}): let the user that runs Mayfly read it`, error)
  }
}

function refuseOutside(base: string, target: string, name: string): void {
  if (target.startsWith(base.endsWith(sep) ? base : base + sep)) return
  throw neverHere(`the secret file:${name} is a link out of its directory: put the file itself there`)
}

async function refuseWithheld(file: FileHandle, withheld: readonly string[], name: string): Promise<void> {
  const { dev, ino } = await file.stat()
  for (const path of withheld) {
    const other = await stat(path).catch(() => undefined)
    if (other?.dev === dev && other.ino === ino)
      throw neverHere(`file:${name} is Mayfly’s own key: it is lent to nobody`)
  }
}

async function read(file: FileHandle, { shared = false, exact = false }: Root, name: string): Promise<Buffer> {
  const found = await file.stat()
  const complaint = complaintOf(found, shared)
  if (complaint !== undefined) throw neverHere(`the secret file:${name} is not lent: ${complaint}`)
  // The end of its line is no part of it; and one more than it may have shows that it has grown meanwhile.
  const value = zeroable(Math.min(found.size, maxSecretBytes + 2) + 1)
  let length = 0
  for (let last = -1; last !== 0 && length < value.length; length += last) {
    last = (await file.read(value, length, value.length - length, length)).bytesRead
  }
  const whole = value.subarray(0, length)
  return exact ? whole : withoutLineEnd(whole)
}

function complaintOf(found: Stats, shared: boolean): string | undefined {
  if (!found.isFile()) return 'it is no file: put one there'
  if (found.size > maxSecretBytes + 2) return `it has more than ${maxSecretBytes} bytes: store less`
  const uid = process.getuid?.()
  if (uid === undefined) return undefined
  if (found.uid !== 0 && found.uid !== uid)
    return 'it belongs to another user: give it to root or the user that runs Mayfly'
  if (found.mode & 0o022) return 'others may write it: chmod go-w'
  if (found.mode & 0o004 && !shared) return 'everybody may read it: chmod o-r, or set shared for its directory'
  return undefined
}
