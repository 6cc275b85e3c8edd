import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** The value of `PRAGMA synchronous` at which a commit returns only after fsync. */
const full = 2
/** Writers meet nobody but a reader that holds up the log; readers meet a writer that recovers it. */
const busyTimeoutMs = 1000
/** The log is folded into the database when it has grown by so many pages of 4 KiB: 16 MiB. */
const checkpointPages = 4096
/** What the log shrinks back to after it had to grow. */
const walLimitBytes = 16 * 1024 * 1024

/** The connection that writes. A commit through it is on disk when it returns. */
export function openForWriting(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs })
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA wal_autocheckpoint = ${checkpointPages};
    PRAGMA journal_size_limit = ${walLimitBytes};
    PRAGMA foreign_keys = OFF;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
  `)
  const synchronous = pragma(db, 'synchronous')
  if (synchronous !== full) {
    db.close()
    throw new Error(`SQLite runs with synchronous=${synchronous} instead of ${full}: a commit might not be on disk.`)
  }
  return db
}

export function openForReading(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
}

/** Opens without leaving a trace; right only where no log waits beside the database. */
export function openImmutable(path: string): DatabaseSync {
  const url = pathToFileURL(path)
  url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true })
}

export function pragma(db: DatabaseSync, name: string): number | string | null {
  const row = db.prepare(`PRAGMA ${name}`).get() ?? {}
  const value = Object.values(row)[0]
  return typeof value === 'number' || typeof value === 'string' ? value : null
}

/** All of it, or nothing of it. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk may have rolled back already.
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
