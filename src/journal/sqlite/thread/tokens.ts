import type { AuditEntry } from '../../audit.ts'
import type { TokenRecord } from '../../tokens.ts'
import { fromJson, type Row, toJson } from '../columns.ts'
import { runNoted } from './audit.ts'
import type { Statements } from './statements.ts'

const columns = 'id, digest, name, tenant, role, pools, kinds, paths, created_at, expires_at, last_used_at'
const insert = `INSERT INTO token (${columns}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
  WHERE EXISTS (SELECT 1 FROM tenant WHERE name = ? AND removed_at IS NULL)`

export const tokenChanges = {
  'tokens.add'(statements: Statements, token: TokenRecord, entry: AuditEntry): boolean {
    const { id, digest, name, tenant, role, pools, kinds, paths, createdAt, expiresAt, lastUsedAt } = token
    const scopes = [toJson(pools && [...pools]), toJson(kinds && [...kinds]), paths ? 1 : 0]
    const row = [id, digest, name, tenant, role, ...scopes, createdAt, expiresAt, lastUsedAt]
    return runNoted(statements, entry, insert, ...row, tenant)
  },

  'tokens.remove'(statements: Statements, id: string, entry: AuditEntry): boolean {
    return runNoted(statements, entry, 'DELETE FROM token WHERE id = ?', id)
  },

  'tokens.used'(statements: Statements, id: string, at: number): void {
    statements.prepare('UPDATE token SET last_used_at = ? WHERE id = ?').run(at, id)
  },
}

export const tokenQueries = {
  'tokens.all': (statements: Statements): readonly TokenRecord[] =>
    Array.from(statements.rows(`SELECT ${columns} FROM token ORDER BY id`), decode),
}

function decode(row: Row): TokenRecord {
  const [id, digest, name, tenant, role, pools, kinds, paths, createdAt, expiresAt, lastUsedAt] = row
  const scopes = { pools: fromJson(pools), kinds: fromJson(kinds), paths: paths === 1 }
  return { id, digest, name, tenant, role, ...scopes, createdAt, expiresAt, lastUsedAt } as unknown as TokenRecord
}
