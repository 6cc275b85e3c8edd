import { isTerminal, type State } from '../../../task/states.ts'
import type { Retained } from '../../retention.ts'
import type { Statements } from './statements.ts'
import { ended } from './states.ts'

/** One look-up a tenant instead of one a task. */
const selectTenants = `WITH RECURSIVE known (tenant) AS (
    SELECT min(tenant) FROM task
    UNION ALL SELECT (SELECT min(tenant) FROM task WHERE task.tenant > known.tenant) FROM known WHERE tenant IS NOT NULL
  ) SELECT tenant FROM known WHERE tenant IS NOT NULL`

/** Not what a key still belongs to, and no child whose result its parent may still ask for. */
const isFree = `NOT EXISTS (SELECT 1 FROM idempotency_key WHERE idempotency_key.task = task.number AND until > ?)
  AND NOT EXISTS (SELECT 1 FROM task AS above WHERE above.id = task.parent AND above.state NOT IN (${ended}))`

/** Oldest first. Nothing settles before it was made, so ids that are too young end the search. */
const selectSettled = `SELECT number FROM task
  WHERE tenant = ? AND id < ? AND state IN (${ended}) AND settled_at < ? AND ${isFree} ORDER BY id LIMIT ?`
const selectBeyond = `SELECT number FROM task
  WHERE tenant = ? AND state IN (${ended}) AND ${isFree} ORDER BY id DESC LIMIT ? OFFSET ?`

const selectTask = `SELECT id FROM task WHERE number = ? AND state IN (${ended})`
const deleteEvents = `DELETE FROM event WHERE task = ? AND seq IN
  (SELECT seq FROM event WHERE task = ? ORDER BY seq LIMIT ?)`
const deleteRest = [
  'DELETE FROM task WHERE number = ?',
  ...['body', 'attempt', 'artifact', 'task_upload', 'idempotency_key'].map(
    (table) => `DELETE FROM ${table} WHERE task = ?`,
  ),
]
const selectStates = `SELECT id, state FROM task WHERE id IN (SELECT value FROM json_each(?))`

export const retentionChanges = {
  'retention.forget'(statements: Statements, numbers: readonly number[], maxEvents: number): readonly string[] {
    const gone: string[] = []
    let room = maxEvents
    for (const number of numbers) {
      const task = statements.prepare(selectTask).get(number)
      if (!task) continue
      room -= Number(statements.prepare(deleteEvents).run(number, number, room).changes)
      // There may be more of them.
      if (room <= 0) return gone
      for (const sql of deleteRest) statements.prepare(sql).run(number)
      gone.push(String(task.id))
    }
    return gone
  },
}

export const retentionQueries = {
  'retention.candidates'(statements: Statements, retained: Retained, limit: number): readonly number[] {
    const found = new Set<number>()
    for (const { tenant } of statements.prepare(selectTenants).all()) {
      const { settledBefore, tasksPerTenant, now } = retained
      const old = [tenant as string, firstIdAt(settledBefore), settledBefore, now, limit]
      const beyond = [tenant as string, now, limit, tasksPerTenant]
      for (const row of statements.prepare(selectSettled).all(...old)) found.add(Number(row.number))
      for (const row of statements.prepare(selectBeyond).all(...beyond)) found.add(Number(row.number))
      if (found.size >= limit) break
    }
    return [...found].slice(0, limit)
  },

  'retention.states'(statements: Statements, ids: readonly string[]): ReadonlyMap<string, 'open' | 'ended'> {
    const rows = statements.prepare(selectStates).all(JSON.stringify(ids))
    return new Map(rows.map(({ id, state }) => [String(id), isTerminal(state as State) ? 'ended' : 'open'] as const))
  },
}

/** A UUIDv7 begins with its time: no id of that millisecond or later is below this. */
function firstIdAt(milliseconds: number): string {
  const hex = Math.max(0, Math.floor(milliseconds)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}
