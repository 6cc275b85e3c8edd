import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { openForReading, openImmutable, pragma } from './connection.ts'
import { messageOf } from './failures.ts'
import type { Files } from './files.ts'
import { schemaVersion } from './migrate.ts'

/** 'MFLY': how SQLite files of Mayfly are told from those of others. */
export const applicationId = 0x4d464c59

const header = Buffer.from('SQLite format 3\0')
/** The first four bytes of a log, for either byte order of its checksums. */
const walMagics = [0x377f0682, 0x377f0683]

export type Findings =
  | { readonly usable: true; readonly instance: string; readonly version: number }
  | { readonly usable: false; readonly reason: string; readonly cause?: unknown }

/** Looks whether the database is whole and ours, without changing a byte of it. SQLite alone takes an empty file for new. */
export function examine(files: Files): Findings {
  const reason = damagedFile(files)
  if (reason) return { usable: false, reason }
  try {
    const db = hasLog(files) ? openForReading(files.database) : openImmutable(files.database)
    try {
      return examineContent(db)
    } finally {
      db.close()
    }
  } catch (cause) {
    return { usable: false, reason: `'journal.db' is damaged (${messageOf(cause)})`, cause }
  }
}

function damagedFile(files: Files): string | undefined {
  if (!existsSync(files.database)) return `'journal.db' is missing`
  if (statSync(files.database).size === 0) return `'journal.db' is empty (0 bytes)`
  if (!firstBytes(files.database, header.length).equals(header)) return `'journal.db' is not an SQLite database`
  if (hasLog(files) && !isLog(firstBytes(files.wal, 4))) return `'journal.db-wal' is damaged`
  return undefined
}

function examineContent(db: DatabaseSync): Findings {
  const check = pragma(db, 'quick_check(1)')
  if (check !== 'ok') return { usable: false, reason: `'journal.db' is damaged (${check})` }
  const version = schemaVersion(db)
  if (version === 0) return { usable: false, reason: `'journal.db' has no schema` }
  if (pragma(db, 'application_id') !== applicationId) {
    return { usable: false, reason: `'journal.db' is a database of another application` }
  }
  const instance = db.prepare('SELECT id FROM instance').get()?.id
  if (typeof instance !== 'string') return { usable: false, reason: `'journal.db' does not say whose it is` }
  return { usable: true, instance, version }
}

function hasLog(files: Files): boolean {
  return (statSync(files.wal, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** Zeros are what a power cut leaves of a log that was just begun: nothing in it had been promised. */
function isLog(start: Buffer): boolean {
  const magic = start.readUInt32BE(0)
  return magic === 0 || walMagics.includes(magic)
}

function firstBytes(path: string, count: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(count)
    readSync(file, bytes, 0, count, 0)
    return bytes
  } finally {
    closeSync(file)
  }
}
