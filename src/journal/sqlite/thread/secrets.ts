import type { NewSecret, SecretListing, StoredSecret, VaultKeys } from '../../secrets.ts'
import type { Statements } from './statements.ts'

const selectKeys = 'SELECT data_key AS dataKey, sealing_key AS sealingKey, public_key AS publicKey FROM vault'
const insertKeys = 'INSERT OR IGNORE INTO vault (id, data_key, sealing_key, public_key) VALUES (1, ?, ?, ?)'
const putSecret = `INSERT INTO secret (tenant, name, version, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (tenant, name) DO UPDATE SET
    created_at = iif(sealed IS NULL, excluded.created_at, created_at),
    version = excluded.version, sealed = excluded.sealed, updated_at = excluded.updated_at
  WHERE version = excluded.version - 1`

export const secretChanges = {
  'secrets.init'(statements: Statements, { dataKey, sealingKey, publicKey }: VaultKeys): VaultKeys {
    statements.prepare(insertKeys).run(dataKey, sealingKey, publicKey)
    return keys(statements) as VaultKeys
  },

  'secrets.put'(statements: Statements, { tenant, name, version, sealed, at }: NewSecret): boolean {
    return statements.prepare(putSecret).run(tenant, name, version, sealed, at, at).changes === 1
  },

  'secrets.delete'(statements: Statements, tenant: string, name: string): boolean {
    const sql = 'UPDATE secret SET sealed = NULL WHERE tenant = ? AND name = ? AND sealed IS NOT NULL'
    return statements.prepare(sql).run(tenant, name).changes === 1
  },

  'secrets.forgetAll'(statements: Statements): void {
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

  'secrets.list'(statements: Statements, tenant: string): readonly SecretListing[] {
    const sql = `SELECT name, version, created_at AS createdAt, updated_at AS updatedAt FROM secret
      WHERE tenant = ? AND sealed IS NOT NULL ORDER BY name`
    return statements.prepare(sql).all(tenant) as unknown as readonly SecretListing[]
  },
}

function keys(statements: Statements): VaultKeys | undefined {
  return statements.prepare(selectKeys).get() as VaultKeys | undefined
}
