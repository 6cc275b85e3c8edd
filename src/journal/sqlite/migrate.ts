import type { DatabaseSync } from 'node:sqlite'
import { inTransaction, pragma } from './connection.ts'
import type { Migration } from './migrations/migrations.ts'

/** Brings the schema to the newest version, one transaction a step: a step that fails leaves what was before it. */
export function migrate(db: DatabaseSync, migrations: readonly Migration[]): void {
  const present = schemaVersion(db)
  for (const migration of migrations.filter(({ version }) => version > present)) {
    inTransaction(db, () => step(db, migration))
  }
}

/** Makes the whole schema in an empty database, in one transaction: each further one would wait for the disk. */
export function build(db: DatabaseSync, migrations: readonly Migration[]): void {
  inTransaction(db, () => {
    for (const migration of migrations) step(db, migration)
  })
}

function step(db: DatabaseSync, { version, sql }: Migration): void {
  db.exec(sql)
  db.exec(`PRAGMA user_version = ${version}`)
}

export function schemaVersion(db: DatabaseSync): number {
  return Number(pragma(db, 'user_version'))
}

export function newestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0
}
