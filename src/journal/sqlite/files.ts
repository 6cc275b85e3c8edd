import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/** Where everything of the journal lies in its data directory. */
export interface Files {
  readonly directory: string
  readonly database: string
  readonly wal: string
  /** A database that is being made: it takes its name only when it is whole. */
  readonly unfinished: string
  /** Says that this directory has had a database, and which one. */
  readonly instance: string
  readonly lock: string
  /** Who holds the lock. A file of its own: reading and closing the locked one would let go of a POSIX lock. */
  readonly holder: string
  readonly reserve: string
}

export function filesIn(directory: string): Files {
  const at = (name: string) => join(directory, name)
  return {
    directory,
    database: at('journal.db'),
    wal: at('journal.db-wal'),
    unfinished: at('journal.db.unfinished'),
    instance: at('instance.json'),
    lock: at('orchestrator.lock'),
    holder: at('orchestrator.json'),
    reserve: at('reserve'),
  }
}

/** Only the orchestrator's user may look inside. A directory of others, or with things of others in it, stays as it is. */
export function prepareDirectory(files: Files): void {
  mkdirSync(files.directory, { recursive: true, mode: 0o700 })
  const owned = statSync(files.directory).uid === process.geteuid?.()
  const ours = existsSync(files.instance) || readdirSync(files.directory).length === 0
  if (owned && ours) chmodSync(files.directory, 0o700)
}

/**
 * Makes an empty file for the owner only: SQLite would follow the umask, and gives its side files the same mode. One
 * that is there is not even opened, since closing it would let go of the locks that this process has on it.
 */
export function touch(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

/** Puts a small file in place whole and on disk, or not at all. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.unfinished`
  const file = openSync(unfinished, 'w', 0o600)
  try {
    writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  moveInto(unfinished, path)
}

/** Renames, and makes the new name survive a power cut. */
export function moveInto(from: string, to: string): void {
  renameSync(from, to)
  const directory = openSync(dirname(to), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
