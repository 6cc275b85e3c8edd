import type { AuditEntry } from '../../audit.ts'
import { changedQuotas, noQuotas, type QuotaChange, type TenantQuotas, type TenantRecord } from '../../tenants.ts'
import type { Row, SqlValue } from '../columns.ts'
import { runNoted } from './audit.ts'
import { forgetSchedules } from './schedules.ts'
import type { Statements } from './statements.ts'
import { unsettled } from './states.ts'

/** The quotas in the order of their columns. */
const quotaColumns = [
  ['weight', 'weight'],
  ['running', 'running'],
  ['poolRunning', 'pool_running'],
  ['queued', 'queued'],
  ['poolQueued', 'pool_queued'],
  ['submitsPerMinute', 'submits_per_minute'],
  ['memoryMiB', 'memory_mib'],
  ['processSecondsPerDay', 'process_seconds_per_day'],
  ['runSeconds', 'run_seconds'],
  ['timeZone', 'time_zone'],
] as const satisfies readonly (readonly [keyof TenantQuotas, string])[]

const columns = ['name', 'created_at', ...quotaColumns.map(([, column]) => column)]
const insert = `INSERT OR IGNORE INTO tenant (${columns}) VALUES (${columns.map(() => '?')})`
const update = `UPDATE tenant SET ${quotaColumns.map(([, column]) => `${column} = ?`)} WHERE name = ?`
const remove = 'UPDATE tenant SET removed_at = ? WHERE name = ? AND removed_at IS NULL'
const select = `SELECT ${columns} FROM tenant WHERE removed_at IS NULL`
const selectUnsettled = `SELECT 1 FROM task WHERE tenant = ? AND state IN (${unsettled}) LIMIT 1`

/** All that is a tenant's alone and of no use without it. */
const forget = [
  'DELETE FROM token WHERE tenant = ?',
  'DELETE FROM pause WHERE tenant = ?',
  'DELETE FROM process_time WHERE tenant = ?',
  ...forgetSchedules,
  // With their versions: nobody gets this name again, so none goes on where one was.
  'DELETE FROM secret WHERE tenant = ?',
]

export const tenantChanges = {
  'tenants.add'(statements: Statements, { name, quotas, createdAt }: TenantRecord, entry: AuditEntry): boolean {
    return runNoted(statements, entry, insert, name, createdAt, ...values(quotas))
  },

  'tenants.change'(
    statements: Statements,
    name: string,
    asked: QuotaChange,
    entry: AuditEntry,
  ): TenantRecord | undefined {
    const [found] = Array.from(statements.rows(`${select} AND name = ?`, name), decode)
    if (!found) return undefined
    const quotas = changedQuotas(found.quotas, asked)
    runNoted(
      statements,
      { ...entry, detail: { ...entry.detail, quotas: { ...quotas } } },
      update,
      ...values(quotas),
      name,
    )
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

function values(quotas: TenantQuotas): SqlValue[] {
  return quotaColumns.map(([name]) => {
    const value = quotas[name]
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  })
}

function decode([name, createdAt, ...row]: Row): TenantRecord {
  const quotas = quotaColumns.map(([field], index) => [field, quotaOf(field, row[index])])
  return { name, quotas: Object.fromEntries(quotas), createdAt } as TenantRecord
}

function quotaOf(field: keyof TenantQuotas, value: Row[number] | undefined): unknown {
  if (field !== 'poolRunning' && field !== 'poolQueued') return value
  return typeof value === 'string' ? JSON.parse(value) : noQuotas[field]
}
