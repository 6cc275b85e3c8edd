import type { AuditEntry } from '../../audit.ts'
import type { PauseRecord } from '../../pauses.ts'
import type { Row } from '../columns.ts'
import { runNoted } from './audit.ts'
import type { Statements } from './statements.ts'

const columns = 'id, kind, pool, tenant, key, reason, created_at'
const insert = `INSERT INTO pause (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`

export const pauseChanges = {
  'pauses.add'(statements: Statements, pause: PauseRecord, entry: AuditEntry): void {
    const { id, kind, pool, tenant, key, reason, createdAt } = pause
    runNoted(statements, entry, insert, id, kind, pool, tenant, key, reason, createdAt)
  },

  'pauses.remove'(statements: Statements, id: string, entry: AuditEntry): boolean {
    return runNoted(statements, entry, 'DELETE FROM pause WHERE id = ?', id)
  },
}

export const pauseQueries = {
  'pauses.all': (statements: Statements): readonly PauseRecord[] =>
    Array.from(statements.rows(`SELECT ${columns} FROM pause ORDER BY id`), decode),
}

function decode([id, kind, pool, tenant, key, reason, createdAt]: Row): PauseRecord {
  return { id, kind, pool, tenant, key, reason, createdAt } as PauseRecord
}
