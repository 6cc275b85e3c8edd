import type { QueuedTask } from '../../journal.ts'
import type { LaneMark, LanePlace, LaneStretch, TimeMark, Took } from '../../waiting.ts'
import { decodeQueued, queuedColumns, type SqlValue } from '../columns.ts'
import type { Statements } from './statements.ts'

/** As the index that answers it says: the order of a lane is the scheduler's, see `src/schedule/order.ts`. */
const selectInLane = `SELECT ${queuedColumns} FROM task
  WHERE state = 'queued' AND tenant = ? AND pool = ? AND kind = ? AND lane_key IS ?
    AND (rank, turn_at, created_at, id) > (?, ?, ?, ?)
    AND coalesce(not_before, 0) <= ? AND (awaits IS NULL OR not_before IS NOT NULL)
  ORDER BY rank, turn_at, created_at, id LIMIT ?`

/** SQLite would sort all that is queued in place of reading the first of these from their index. */
const selectLater = `SELECT ${queuedColumns} FROM task INDEXED BY task_later
  WHERE state = 'queued' AND not_before IS NOT NULL AND awaits IS NULL AND (not_before, id) > (?, ?)
  ORDER BY not_before, id LIMIT ?`

const selectExpiring = `SELECT ${queuedColumns} FROM task INDEXED BY task_expiring
  WHERE state = 'queued' AND expires_at IS NOT NULL AND cleaning IS NULL AND (expires_at, id) > (?, ?)
  ORDER BY expires_at, id LIMIT ?`

const countBetween = `SELECT count(*) FROM (SELECT 1 FROM task
  WHERE state = 'queued' AND tenant = ? AND pool = ? AND kind = ? AND lane_key IS ?
    AND (rank, turn_at, created_at, id) > (?, ?, ?, ?) AND (rank, turn_at, created_at, id) < (?, ?, ?, ?)
    AND coalesce(not_before, 0) <= ? AND (awaits IS NULL OR not_before IS NOT NULL)
    AND id NOT IN (SELECT value FROM json_each(?)) LIMIT ?)`

/** By task and number, because that is how attempts are ordered: nothing has to be sorted, and no index is needed. */
const selectTook = `SELECT task.kind, ended_at - attempt.started_at
  FROM (SELECT * FROM attempt ORDER BY task DESC, number DESC LIMIT ?) AS attempt JOIN task ON task.number = attempt.task
  WHERE attempt.outcome = 'succeeded'`

export const waitingQueries = {
  'waiting.inLane'(statements: Statements, lane: LanePlace, after: LaneMark, now: number, limit: number) {
    const { tenant, pool, kind, key } = lane
    return select(statements, selectInLane, tenant, pool, kind, key, ...valuesOf(after), now, limit)
  },
  'waiting.later'(statements: Statements, { at, id }: TimeMark, limit: number) {
    return select(statements, selectLater, at, id, limit)
  },
  'waiting.expiring'(statements: Statements, { at, id }: TimeMark, limit: number) {
    return select(statements, selectExpiring, at, id, limit)
  },
  'waiting.between'(statements: Statements, stretches: readonly LaneStretch[], now: number, most: number) {
    let left = most
    return stretches.map(({ lane: { tenant, pool, kind, key }, after, before, without }) => {
      const ends = [...valuesOf(after), ...valuesOf(before)]
      const values = [tenant, pool, kind, key, ...ends, now, JSON.stringify(without), left]
      const [row] = left > 0 ? statements.rows(countBetween, ...values) : []
      const count = Number(row?.[0] ?? 0)
      left -= count
      return count
    })
  },
  'waiting.took'(statements: Statements, most: number): readonly Took[] {
    const rows = Array.from(statements.rows(selectTook, most))
    return rows.map(([kind, ms]) => ({ kind: String(kind), seconds: Math.max(0, Number(ms)) / 1000 })).reverse()
  },
}

function valuesOf({ front, turnAt, createdAt, id }: LaneMark): readonly SqlValue[] {
  return [front ? 0 : 1, turnAt, createdAt, id]
}

function select(statements: Statements, sql: string, ...values: readonly SqlValue[]): readonly QueuedTask[] {
  return Array.from(statements.rows(sql, ...values), decodeQueued)
}
