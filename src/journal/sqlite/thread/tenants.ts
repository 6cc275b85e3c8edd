import type { AuditEntry } from '../../audit.ts'
import type { TenantQuotas, TenantRecord } from '../../tenants.ts'
import type { Row } from '../columns.ts'
import { runNoted } from './audit.ts'
import { forgetSchedules } from './schedules.ts'
import type { Statements } from './statements.ts'
import { unsettled } from './states.ts'

const insert = `INSERT OR IGNORE INTO tenant (name, running, queued, submits_per_minute, created_at) VALUES (?, ?, ?, ?, ?)`
const columns = 'name, running, queued, submits_per_minute, created_at'
const update = `UPDATE tenant SET running = ?, queued = ?, submits_per_minute = ? WHERE name = ?`
const remove = 'UPDATE tenant SET removed_at = ? WHERE name = ? AND removed_at IS NULL'
const select = `SELECT ${columns} FROM tenant WHERE removed_at IS NULL`
const selectUnsettled = `SELECT 1 FROM task WHERE tenant = ? AND state IN (${unsettled}) LIMIT 1`

/** All that is a tenant's alone and of no use without it. */
const forget = [
  'DELETE FROM token WHERE tenant = ?',
  'DELETE FROM pause WHERE tenant = ?',
  ...forgetSchedules,
  // With their versions: nobody gets this name again, so none goes on where one was.
  'DELETE FROM secret WHERE tenant = ?',
]

export const tenantChanges = {
  'tenants.add'(statements: Statements, { name, quotas, createdAt }: TenantRecord, entry: AuditEntry): boolean {
    return runNoted(statements, entry, insert, name, ...values(quotas), createdAt)
  },

  'tenants.change'(
    statements: Statements,
    name: string,
    asked: Partial<TenantQuotas>,
    entry: AuditEntry,
  ): TenantRecord | undefined {
    const [found] = Array.from(statements.rows(`${select} AND name = ?`, name), decode)
    if (!found) return undefined
    const quotas = { ...found.quotas, ...asked }
    runNoted(statements, { ...entry, detail: { ...entry.detail, quotas } }, update, ...values(quotas), name)
    return { ...found, quotas }
  },

  /** In the order of the writes: a task that was accepted before is seen here. */
  'tenants.remove'(statements: Statements, name: string, entry: AuditEntry): 'removed' | 'unknown' | 'busy' {
    if (statements.prepare(selectUnsettled).get(name)) return 'busy'
    if (!runNoted(statements, entry, remove, entry.at, name)) return 'unknown'
    for (const sql of forget) statements.prepare(sql).run(name)
    return 'removed'
  },
}

export const tenantQueries = {
  'tenants.all': (statements: Statements): readonly TenantRecord[] =>
    Array.from(statements.rows(`${select} ORDER BY name`), decode),
}

function values({ running, queued, submitsPerMinute }: TenantQuotas) {
  return [running, queued, submitsPerMinute]
}

function decode([name, running, queued, submitsPerMinute, createdAt]: Row): TenantRecord {
  return { name, quotas: { running, queued, submitsPerMinute }, createdAt } as TenantRecord
}
