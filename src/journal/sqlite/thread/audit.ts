import type { AuditEntry, AuditPage, AuditQuery } from '../../audit.ts'
import { fromJson, type Row, type SqlValue, toJson } from '../columns.ts'
import { takePage } from './page.ts'
import type { Statements } from './statements.ts'

const pageBytes = 1024 * 1024

const insert = `INSERT INTO audit (id, at, tenant, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`

export const auditChanges = {
  'audit.append'(statements: Statements, entry: AuditEntry): void {
    const { id, at, tenant, actor, action, subject, detail } = entry
    statements.prepare(insert).run(id, at, tenant, actor, action, subject, toJson(detail))
  },
}

/** Carries out a change, and notes it in the same commit; false, and nothing noted, when there was nothing to change. */
export function runNoted(
  statements: Statements,
  entry: AuditEntry,
  sql: string,
  ...values: readonly SqlValue[]
): boolean {
  if (statements.prepare(sql).run(...values).changes === 0) return false
  auditChanges['audit.append'](statements, entry)
  return true
}

export const auditQueries = {
  'audit.page'(statements: Statements, { tenant, before, limit }: AuditQuery): AuditPage {
    const where = ['TRUE']
    const values: SqlValue[] = []
    if (tenant !== undefined) values.push(where.push('tenant = ?') && tenant)
    if (before !== undefined) values.push(where.push('id < ?') && before)
    const sql = `SELECT id, at, tenant, actor, action, subject, detail FROM audit
      WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT ?`
    const stored = statements.rows(sql, ...values, limit + 1)
    const { rows, more } = takePage(stored, { rows: limit, bytes: pageBytes }, (row) => String(row[6]).length)
    return { entries: rows.map(decode), more }
  },
}

function decode([id, at, tenant, actor, action, subject, detail]: Row): AuditEntry {
  return { id, at, tenant, actor, action, subject, detail: fromJson(detail) } as AuditEntry
}
