import type { AuditEntry } from '../../audit.ts'
import {
  type AddScheduleAnswer,
  type ChangeScheduleAnswer,
  type Decided,
  type DuePlace,
  type Fire,
  maxFiresPerSchedule,
  type NewFire,
  type ScheduleQuery,
  type ScheduleRecord,
  type ScheduleRoom,
  type Unsettled,
} from '../../schedules.ts'
import { fromJson, type Row, type SqlValue } from '../columns.ts'
import { runNoted } from './audit.ts'
import { takePage, textBytes } from './page.ts'
import type { Statements } from './statements.ts'
import { unsettled } from './states.ts'
import { type MissingUpload, missingUpload } from './uploads.ts'

const pageBytes = 1024 * 1024

const columns = `id, tenant, name, timing, task, overlap, catch_up, jitter_ms, paused, owner, created_at, changed_at,
  cursor, next_at, revision`
const insert = `INSERT INTO schedule (${columns}, kind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const update = `UPDATE schedule SET name = ?, timing = ?, task = ?, overlap = ?, catch_up = ?, jitter_ms = ?, paused = ?,
  owner = ?, changed_at = ?, cursor = ?, next_at = ?, revision = ?, kind = ? WHERE id = ? AND revision = ?`
const select = `SELECT ${columns} FROM schedule`
const selectTenant = 'SELECT 1 FROM tenant WHERE name = ? AND removed_at IS NULL'
const selectNamed = 'SELECT 1 FROM schedule WHERE tenant = ? AND name = ? AND id <> ?'
const countOwn = 'SELECT count(*) AS count FROM schedule WHERE tenant = ?'
const countAll = 'SELECT count(*) AS count FROM schedule'

const move = `UPDATE schedule SET cursor = ?, next_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?`
const insertFire = `INSERT OR IGNORE INTO schedule_fire (schedule, tick, at, outcome, ticks, task, code, reason, by)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const isUnsettled = `EXISTS (SELECT 1 FROM task WHERE task.id = schedule_fire.task AND task.state IN (${unsettled}))`
/** Not those whose tasks still count for what overlaps. */
const forgetFires = `DELETE FROM schedule_fire WHERE number IN
  (SELECT number FROM schedule_fire WHERE schedule = ? ORDER BY number DESC LIMIT -1 OFFSET ${maxFiresPerSchedule})
  AND NOT ${isUnsettled}`
const selectFires = `SELECT tick, at, fire.outcome, ticks, fire.task, task.state, code, reason, by
  FROM schedule_fire AS fire LEFT JOIN task ON task.id = fire.task
  WHERE schedule = ? ORDER BY fire.number DESC LIMIT ?`
const selectUnsettled = `SELECT task.id, task.cancel_requested FROM schedule_fire
  JOIN task ON task.id = schedule_fire.task WHERE schedule = ? AND task.state IN (${unsettled})
  ORDER BY schedule_fire.number`

const insertUse = 'INSERT OR IGNORE INTO schedule_upload (upload, schedule) VALUES (?, ?)'
const deleteUses = 'DELETE FROM schedule_upload WHERE schedule = ?'

const deleteRest = [deleteUses, 'DELETE FROM schedule_fire WHERE schedule = ?']
const ofTenant = 'IN (SELECT id FROM schedule WHERE tenant = ?)'

/** Whatever schedules a tenant has that is removed, the schedules themselves last. */
export const forgetSchedules = [
  `DELETE FROM schedule_upload WHERE schedule ${ofTenant}`,
  `DELETE FROM schedule_fire WHERE schedule ${ofTenant}`,
  'DELETE FROM schedule WHERE tenant = ?',
]

export const scheduleChanges = {
  'schedules.add'(
    statements: Statements,
    schedule: ScheduleRecord,
    uses: readonly string[],
    room: ScheduleRoom,
    entry: AuditEntry,
  ): AddScheduleAnswer | MissingUpload {
    const { id, tenant, name } = schedule
    const counted = (sql: string, ...values: SqlValue[]) => Number(statements.prepare(sql).get(...values)?.count)
    if (!statements.prepare(selectTenant).get(tenant)) return 'no tenant'
    if (counted(countOwn, tenant) >= room.perTenant) return 'too many'
    if (counted(countAll) >= room.total) return 'too many in all'
    if (statements.prepare(selectNamed).get(tenant, name, id)) return 'name taken'
    const missing = missingUpload(statements, tenant, uses)
    if (missing) return missing
    const { createdAt, changedAt, cursor, nextAt, revision } = schedule
    const [, timing, task, overlap, catchUp, jitter, paused, owner] = definition(schedule)
    const row = [timing, task, overlap, catchUp, jitter, paused, owner, createdAt, changedAt, cursor, nextAt, revision]
    runNoted(statements, entry, insert, id, tenant, name, ...(row as SqlValue[]), schedule.task.kind)
    for (const upload of uses) statements.prepare(insertUse).run(upload, id)
    return 'added'
  },

  'schedules.change'(
    statements: Statements,
    schedule: ScheduleRecord,
    uses: readonly string[] | null,
    entry: AuditEntry,
  ): ChangeScheduleAnswer | MissingUpload {
    const { id, tenant, name, changedAt, cursor, nextAt, revision } = schedule
    if (statements.prepare(selectNamed).get(tenant, name, id)) return 'name taken'
    const missing = uses && missingUpload(statements, tenant, uses)
    if (missing) return missing
    const row = [...definition(schedule), changedAt, cursor, nextAt, revision, schedule.task.kind, id, revision - 1]
    if (!runNoted(statements, entry, update, ...row)) return 'stale'
    if (uses) statements.prepare(deleteUses).run(id)
    for (const upload of uses ?? []) statements.prepare(insertUse).run(upload, id)
    return 'changed'
  },

  'schedules.remove'(statements: Statements, tenant: string, id: string, entry: AuditEntry): boolean {
    if (!runNoted(statements, entry, 'DELETE FROM schedule WHERE tenant = ? AND id = ?', tenant, id)) return false
    for (const sql of deleteRest) statements.prepare(sql).run(id)
    return true
  },

  'schedules.decide': (statements: Statements, decided: Decided): boolean =>
    decide(statements, decided, null) !== 'stale',
}

/**
 * Moves a schedule on, with what became of its tick. `over`: the tick has a fire already, so that its time has come a
 * second time; the schedule has moved on, and there is to be no task.
 */
export function decide(statements: Statements, decided: Decided, task: string | null): 'decided' | 'over' | 'stale' {
  const { schedule, revision, standing, fire } = decided
  const { changes } = statements.prepare(move).run(standing.cursor, standing.nextAt, schedule, revision)
  if (changes === 0) return 'stale'
  if (!fire) return 'decided'
  const { tick, at, outcome, ticks, code, reason, by } = fire
  const row = [schedule, tick, at, outcome, ticks, task, code, reason, by]
  if (statements.prepare(insertFire).run(...row).changes === 0) return 'over'
  statements.prepare(forgetFires).run(schedule)
  return 'decided'
}

export const scheduleQueries = {
  'schedules.get'(statements: Statements, tenant: string, id: string): ScheduleRecord | undefined {
    return Array.from(statements.rows(`${select} WHERE tenant = ? AND id = ?`, tenant, id), decode)[0]
  },

  'schedules.page'(statements: Statements, { tenant, name, kind, after, limit }: ScheduleQuery) {
    const where = ['tenant = ?']
    const values: SqlValue[] = [tenant]
    if (name !== undefined) values.push(where.push('name = ?') && name)
    if (kind !== undefined) values.push(where.push('kind = ?') && kind)
    if (after !== undefined) values.push(where.push('id > ?') && after)
    const stored = statements.rows(`${select} WHERE ${where.join(' AND ')} ORDER BY id LIMIT ?`, ...values, limit + 1)
    const { rows, more } = takePage(stored, { rows: limit, bytes: pageBytes }, textBytes)
    return { schedules: rows.map(decode), more }
  },

  'schedules.history': (statements: Statements, id: string, limit: number): readonly Fire[] =>
    Array.from(statements.rows(selectFires, id, limit), decodeFire),

  /** The schedule first: whoever fires meanwhile moves it on, which makes this one stale. */
  'schedules.standing'(statements: Statements, id: string) {
    const [schedule] = Array.from(statements.rows(`${select} WHERE id = ?`, id), decode)
    return schedule && { schedule, unsettled: Array.from(statements.rows(selectUnsettled, id), decodeUnsettled) }
  },

  'schedules.due'(statements: Statements, by: number, after: DuePlace | null, limit: number): readonly DuePlace[] {
    const { nextAt = 0, id: last = '' } = after ?? {}
    const sql = `SELECT id, next_at FROM schedule WHERE next_at <= ? AND (next_at, id) > (?, ?)
      ORDER BY next_at, id LIMIT ?`
    return Array.from(statements.rows(sql, by, nextAt, last, limit), ([id, at]) => ({
      id: String(id),
      nextAt: Number(at),
    }))
  },

  'schedules.earliest'(statements: Statements, after: number): number | null {
    const row = statements.prepare('SELECT min(next_at) AS at FROM schedule WHERE next_at > ?').get(after)
    return (row?.at ?? null) as number | null
  },

  'schedules.active'(statements: Statements, after: string, limit: number): readonly string[] {
    const sql = 'SELECT id FROM schedule WHERE id > ? AND paused = 0 ORDER BY id LIMIT ?'
    return Array.from(statements.rows(sql, after, limit), ([id]) => String(id))
  },
}

/** What a change may change of it, in the order of `update`. */
function definition(schedule: ScheduleRecord): SqlValue[] {
  const { name, timing, task, overlap, catchUp, jitterMs, paused, owner } = schedule
  const json = (value: unknown) => JSON.stringify(value)
  return [name, json(timing), json(task), overlap, catchUp, jitterMs, paused ? 1 : 0, json(owner)]
}

function decode(row: Row): ScheduleRecord {
  const [id, tenant, name, timing, task, overlap, catchUp, jitterMs, paused, owner, ...rest] = row
  const [createdAt, changedAt, cursor, nextAt, revision] = rest
  const read = { timing: fromJson(timing), task: fromJson(task), owner: fromJson(owner), paused: paused === 1 }
  const plain = { id, tenant, name, overlap, catchUp, jitterMs, createdAt, changedAt, cursor, nextAt, revision }
  return { ...plain, ...read } as unknown as ScheduleRecord
}

function decodeFire([tick, at, outcome, ticks, task, state, code, reason, by]: Row): Fire {
  return { tick, at, outcome, ticks, task, state, code, reason, by } as Fire & NewFire
}

function decodeUnsettled([id, cancelRequested]: Row): Unsettled {
  return { id: String(id), cancelRequested: cancelRequested === 1 }
}
