import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../system/clock.ts'
import { JournalUnusable } from '../journal.ts'
import { openForWriting } from './connection.ts'
import { applicationId, examine } from './examine.ts'
import { messageOf } from './failures.ts'
import { type Files, moveInto, touch, writeWhole } from './files.ts'
import { build, migrate, newestVersion } from './migrate.ts'
import type { Migration } from './migrations/migrations.ts'
import { damaged, quoted } from './unusable.ts'

/**
 * Finds the database of this directory, or makes it where there has never been one: never silently a new one in the
 * place of one that is lost. The order keeps a crash at any point harmless: the database is made beside its place and
 * moved there whole, then `instance.json` is written, and nothing is accepted before both are there.
 */
export function establish(files: Files, migrations: readonly Migration[], clock: Clock): void {
  const expected = readInstance(files)
  const virgin = expected === undefined && !existsSync(files.database) && !existsSync(files.wal)
  if (virgin) create(files, migrations, clock)
  const instance = verify(files, migrations, expected)
  upgrade(files, migrations)
  if (expected === undefined) writeWhole(files.instance, JSON.stringify({ instance, created: clock.now() }))
}

function create(files: Files, migrations: readonly Migration[], clock: Clock): void {
  for (const suffix of ['', '-journal']) rmSync(`${files.unfinished}${suffix}`, { force: true })
  touch(files.unfinished)
  const db = new DatabaseSync(files.unfinished)
  try {
    db.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${applicationId}`)
    build(db, migrations)
    db.prepare('INSERT INTO instance (id, created_at) VALUES (?, ?)').run(randomUUID(), clock.now())
  } finally {
    db.close()
  }
  moveInto(files.unfinished, files.database)
}

function verify(files: Files, migrations: readonly Migration[], expected: string | undefined): string {
  const findings = examine(files)
  if (!findings.usable) throw damaged(files, findings.reason, findings.cause)
  if (expected !== undefined && findings.instance !== expected) {
    throw damaged(files, `'journal.db' belongs to another instance (${findings.instance}, not ${expected})`)
  }
  const known = newestVersion(migrations)
  if (findings.version > known) {
    throw new JournalUnusable(
      `The journal in ${quoted(files.directory)} was written by a newer Mayfly (schema ${findings.version}, this one knows ${known}). ` +
        'Nothing was changed: start the newer version, or put back a backup that was made before the upgrade.',
    )
  }
  return findings.instance
}

function upgrade(files: Files, migrations: readonly Migration[]): void {
  const db = openForWriting(files.database)
  try {
    migrate(db, migrations)
  } catch (cause) {
    throw new JournalUnusable(
      `The journal in ${quoted(files.directory)} could not be brought to the new schema (${messageOf(cause)}). ` +
        'It is as it was: free disk space if that is the reason, or start the version of Mayfly that ran before.',
      { cause },
    )
  } finally {
    db.close()
  }
}

function readInstance(files: Files): string | undefined {
  if (!existsSync(files.instance)) return undefined
  try {
    const { instance } = JSON.parse(readFileSync(files.instance, 'utf8'))
    if (typeof instance === 'string') return instance
  } catch (cause) {
    throw damaged(files, `'instance.json' cannot be read (${messageOf(cause)})`, cause)
  }
  throw damaged(files, `'instance.json' names no instance`)
}
