import type { AuditEntry } from '../../audit.ts'
import {
  maxSecretsPerTenant,
  type NewSecret,
  type PutAnswer,
  type Rewrapped,
  type Sealed,
  type SecretListing,
  type StoredSecret,
  type StoringAttempt,
  type VaultKeys,
} from '../../secrets.ts'
import { auditChanges, runNoted } from './audit.ts'
import type { Statements } from './statements.ts'
import { active } from './states.ts'

const selectVault = `SELECT sealing_key AS sealingKey, next_sealing_key AS nextSealingKey, public_key AS publicKey, salt
  FROM vault`
const selectDataKeys = 'SELECT id, wrapped, next FROM data_key ORDER BY id'
const insertVault = `INSERT INTO vault (id, sealing_key, next_sealing_key, public_key, salt) VALUES (1, ?, ?, ?, ?)`
const insertDataKey = 'INSERT INTO data_key (id, wrapped, next) VALUES (?, ?, ?)'
/** Secrets first: of those that came with tasks there are few. */
const selectUnder = `SELECT tenant, name, version, NULL AS task, key, sealed FROM secret
    WHERE key <> ?1 AND sealed IS NOT NULL
  UNION ALL SELECT NULL, one_time_secret.name, NULL, task.id, key, sealed FROM one_time_secret
    JOIN task ON task.number = one_time_secret.task WHERE key <> ?1
  LIMIT ?2`
const countUnder = `SELECT (SELECT count(*) FROM secret WHERE key <> ?1 AND sealed IS NOT NULL)
  + (SELECT count(*) FROM one_time_secret WHERE key <> ?1) AS left`
const rewrapSecret = `UPDATE secret SET key = ?, sealed = ?
  WHERE tenant = ? AND name = ? AND version = ? AND sealed IS NOT NULL`
const rewrapOneTime = `UPDATE one_time_secret SET key = ?, sealed = ?
  WHERE task = (SELECT number FROM task WHERE id = ?) AND name = ?`
const putSecret = `INSERT INTO secret (tenant, name, version, key, sealed, created_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, name) DO UPDATE SET
    created_at = iif(sealed IS NULL, excluded.created_at, created_at),
    version = excluded.version, key = excluded.key, sealed = excluded.sealed, updated_at = excluded.updated_at
  WHERE version = excluded.version - 1`
const selectAttempt = `SELECT 1 FROM task WHERE id = ? AND attempt = ? AND state IN (${active})`
const countOthers = 'SELECT count(*) AS others FROM secret WHERE tenant = ? AND name <> ? AND sealed IS NOT NULL'
const deleteSecret = `UPDATE secret SET sealed = NULL, updated_at = ?
  WHERE tenant = ? AND name = ? AND sealed IS NOT NULL`
/** Of the names that were deleted, the last ones are remembered: names that come and go must not add up for ever. */
const forgetNames = `DELETE FROM secret WHERE tenant = ?1 AND sealed IS NULL AND name IN
  (SELECT name FROM secret WHERE tenant = ?1 AND sealed IS NULL
    ORDER BY updated_at DESC LIMIT -1 OFFSET ${maxSecretsPerTenant})`

/** What is in a change, with its bytes as base64. */
type AsText<T> = T extends Uint8Array ? string : T extends object ? { readonly [K in keyof T]: AsText<T[K]> } : T

export const secretChanges = {
  'secrets.init'(statements: Statements, given: AsText<VaultKeys>): VaultKeys {
    if (!keys(statements)) insertKeys(statements, given)
    return keys(statements) as VaultKeys
  },

  'secrets.setKeys'(statements: Statements, given: AsText<VaultKeys>): void {
    deleteKeys(statements)
    insertKeys(statements, given)
  },

  'secrets.rewrap'(statements: Statements, rows: readonly AsText<Rewrapped>[]): void {
    for (const row of rows) {
      const sealed = toBytes(row.sealed)
      if ('task' in row) statements.prepare(rewrapOneTime).run(row.key, sealed, row.task, row.name)
      else statements.prepare(rewrapSecret).run(row.key, sealed, row.tenant, row.name, row.version)
    }
  },

  'secrets.keepOnly'(statements: Statements, key: number, entry: AuditEntry): boolean {
    if (Number(statements.prepare(countUnder).get(key)?.left) > 0) return false
    statements.prepare('DELETE FROM data_key WHERE id <> ?').run(key)
    auditChanges['audit.append'](statements, entry)
    return true
  },

  'secrets.put'(
    statements: Statements,
    secret: AsText<NewSecret>,
    entry: AuditEntry,
    by: StoringAttempt | null,
  ): PutAnswer {
    if (by && !statements.prepare(selectAttempt).get(by.task, by.attempt)) return 'over'
    const { tenant, name, version, key, sealed, at } = secret
    const { others } = statements.prepare(countOthers).get(tenant, name) as { others: number }
    if (others >= maxSecretsPerTenant) return 'too many'
    const row = [tenant, name, version, key, toBytes(sealed), at, at]
    return runNoted(statements, entry, putSecret, ...row) ? 'stored' : 'stale'
  },

  'secrets.delete'(statements: Statements, tenant: string, name: string, entry: AuditEntry): boolean {
    if (!runNoted(statements, entry, deleteSecret, entry.at, tenant, name)) return false
    statements.prepare(forgetNames).run(tenant)
    return true
  },

  'secrets.forgetAll'(statements: Statements): void {
    statements.prepare('DELETE FROM one_time_secret').run()
    statements.prepare('UPDATE secret SET sealed = NULL').run()
    deleteKeys(statements)
  },
}

export const secretQueries = {
  'secrets.keys': keys,

  'secrets.under'(statements: Statements, key: number, limit: number) {
    const rows = statements.prepare(selectUnder).all(key, limit) as unknown as readonly Under[]
    const left = Number(statements.prepare(countUnder).get(key)?.left)
    return { rows: rows.map(toRewrapped), left }
  },

  'secrets.versionOf'(statements: Statements, tenant: string, name: string): number {
    const row = statements.prepare('SELECT version FROM secret WHERE tenant = ? AND name = ?').get(tenant, name)
    return Number(row?.version ?? 0)
  },

  'secrets.get'(statements: Statements, tenant: string, name: string): StoredSecret | undefined {
    const sql = 'SELECT version, key, sealed FROM secret WHERE tenant = ? AND name = ? AND sealed IS NOT NULL'
    return statements.prepare(sql).get(tenant, name) as StoredSecret | undefined
  },

  'secrets.oneTime'(statements: Statements, task: string, name: string): Sealed | undefined {
    const sql = `SELECT key, sealed FROM one_time_secret
      WHERE task = (SELECT number FROM task WHERE id = ?) AND name = ?`
    return statements.prepare(sql).get(task, name) as Sealed | undefined
  },

  'secrets.list'(statements: Statements, tenant: string, after: string, limit: number): readonly SecretListing[] {
    const sql = `SELECT name, version, created_at AS createdAt, updated_at AS updatedAt FROM secret
      WHERE tenant = ? AND name > ? AND sealed IS NOT NULL ORDER BY name LIMIT ?`
    return statements.prepare(sql).all(tenant, after, limit) as unknown as readonly SecretListing[]
  },
}

function keys(statements: Statements): VaultKeys | undefined {
  const vault = statements.prepare(selectVault).get() as Omit<VaultKeys, 'dataKeys'> | undefined
  if (!vault) return undefined
  return { ...vault, dataKeys: statements.prepare(selectDataKeys).all() as unknown as VaultKeys['dataKeys'] }
}

function insertKeys(statements: Statements, given: AsText<VaultKeys>): void {
  const { dataKeys, sealingKey, nextSealingKey, publicKey, salt } = given
  statements
    .prepare(insertVault)
    .run(toBytes(sealingKey), toBytesOrNull(nextSealingKey), toBytes(publicKey), toBytesOrNull(salt))
  for (const { id, wrapped, next } of dataKeys) {
    statements.prepare(insertDataKey).run(id, toBytes(wrapped), toBytesOrNull(next))
  }
}

function deleteKeys(statements: Statements): void {
  for (const table of ['vault', 'data_key']) statements.prepare(`DELETE FROM ${table}`).run()
}

interface Under extends Sealed {
  readonly tenant: string | null
  readonly name: string
  readonly version: number | null
  readonly task: string | null
}

function toRewrapped({ tenant, version, task, name, key, sealed }: Under): Rewrapped {
  const same = { name, key, sealed }
  if (task !== null) return { ...same, task }
  return { ...same, tenant: tenant as string, version: version as number }
}

function toBytesOrNull(base64: string | null): Uint8Array | null {
  return base64 === null ? null : toBytes(base64)
}

function toBytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64')
}
