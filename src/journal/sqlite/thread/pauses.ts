import type { PauseRecord } from '../../pauses.ts'
import type { Row } from '../columns.ts'
import type { Statements } from './statements.ts'

const columns = 'id, kind, pool, tenant, key, reason, created_at'

export const pauseChanges = {
  'pauses.add'(statements: Statements, { id, kind, pool, tenant, key, reason, createdAt }: PauseRecord): void {
    const sql = `INSERT INTO pause (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`
    statements.prepare(sql).run(id, kind, pool, tenant, key, reason, createdAt)
  },

  'pauses.remove'(statements: Statements, id: string): boolean {
    return statements.prepare('DELETE FROM pause WHERE id = ?').run(id).changes === 1
  },
}

export const pauseQueries = {
  'pauses.all': (statements: Statements): readonly PauseRecord[] =>
    Array.from(statements.rows(`SELECT ${columns} FROM pause ORDER BY id`), decode),
}

function decode([id, kind, pool, tenant, key, reason, createdAt]: Row): PauseRecord {
  return { id, kind, pool, tenant, key, reason, createdAt } as PauseRecord
}
