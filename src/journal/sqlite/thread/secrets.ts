import type { AuditEntry } from '../../audit.ts'
import {
  maxSecretsPerTenant,
  type NewSecret,
  type PutAnswer,
  type Sealed,
  type SecretListing,
  type StoredSecret,
  type VaultKeys,
} from '../../secrets.ts'
import { runNoted } from './audit.ts'
import type { Statements } from './statements.ts'

const selectKeys = 'SELECT data_key AS dataKey, sealing_key AS sealingKey, public_key AS publicKey FROM vault'
const insertKeys = 'INSERT OR IGNORE INTO vault (id, data_key, sealing_key, public_key) VALUES (1, ?, ?, ?)'
const putSecret = `INSERT INTO secret (tenant, name, version, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, name) DO UPDATE SET
    created_at = iif(sealed IS NULL, excluded.created_at, created_at),
    version = excluded.version, sealed = excluded.sealed, updated_at = excluded.updated_at
  WHERE version = excluded.version - 1`
const countOthers = 'SELECT count(*) AS others FROM secret WHERE tenant = ? AND name <> ? AND sealed IS NOT NULL'
const deleteSecret = `UPDATE secret SET sealed = NULL, updated_at = ?
  WHERE tenant = ? AND name = ? AND sealed IS NOT NULL`
/** Of the names that were deleted, the last ones are remembered: names that come and go must not add up for ever. */
const forgetNames = `DELETE FROM secret WHERE tenant = ?1 AND sealed IS NULL AND name IN
  (SELECT name FROM secret WHERE tenant = ?1 AND sealed IS NULL
    ORDER BY updated_at DESC LIMIT -1 OFFSET ${maxSecretsPerTenant})`

/** The same with its bytes as base64. */
type AsText<T> = { readonly [K in keyof T]: T[K] extends Uint8Array ? string : T[K] }

export const secretChanges = {
  'secrets.init'(statements: Statements, { dataKey, sealingKey, publicKey }: AsText<VaultKeys>): VaultKeys {
    statements.prepare(insertKeys).run(toBytes(dataKey), toBytes(sealingKey), toBytes(publicKey))
    return keys(statements) as VaultKeys
  },

  'secrets.put'(statements: Statements, secret: AsText<NewSecret>, entry: AuditEntry): PutAnswer {
    const { tenant, name, version, sealed, at } = secret
    const { others } = statements.prepare(countOthers).get(tenant, name) as { others: number }
    if (others >= maxSecretsPerTenant) return 'too many'
    const row = [tenant, name, version, toBytes(sealed), at, at]
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
    statements.prepare('DELETE FROM vault').run()
  },
}

export const secretQueries = {
  'secrets.keys': keys,

  'secrets.versionOf'(statements: Statements, tenant: string, name: string): number {
    const row = statements.prepare('SELECT version FROM secret WHERE tenant = ? AND name = ?').get(tenant, name)
    return Number(row?.version ?? 0)
  },

  'secrets.get'(statements: Statements, tenant: string, name: string): StoredSecret | undefined {
    const sql = 'SELECT version, sealed FROM secret WHERE tenant = ? AND name = ? AND sealed IS NOT NULL'
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
  return statements.prepare(selectKeys).get() as VaultKeys | undefined
}

function toBytes(base64: string): Uint8Array {
  return Buffer.from(base64, 'base64')
}
