import type { QueuedTask } from '../../journal.ts'
import type { LaneMark, LanePlace, TimeMark } from '../../waiting.ts'
import { decodeQueued, type SqlValue, taskColumns } from '../columns.ts'
import type { Statements } from './statements.ts'

/** As the index that answers it says: the order of a lane is the scheduler's, see `src/schedule/order.ts`. */
const selectInLane = `SELECT ${taskColumns} FROM task
  WHERE state = 'queued' AND tenant = ? AND pool = ? AND kind = ? AND lane_key IS ?
    AND (rank, turn_at, created_at, id) > (?, ?, ?, ?)
    AND coalesce(not_before, 0) <= ? AND (awaits IS NULL OR not_before IS NOT NULL)
  ORDER BY rank, turn_at, created_at, id LIMIT ?`

/** SQLite would sort all that is queued in place of reading the first of these from their index. */
const selectLater = `SELECT ${taskColumns} FROM task INDEXED BY task_later
  WHERE state = 'queued' AND not_before IS NOT NULL AND awaits IS NULL AND (not_before, id) > (?, ?)
  ORDER BY not_before, id LIMIT ?`

const selectExpiring = `SELECT ${taskColumns} FROM task INDEXED BY task_expiring
  WHERE state = 'queued' AND expires_at IS NOT NULL AND cleaning IS NULL AND (expires_at, id) > (?, ?)
  ORDER BY expires_at, id LIMIT ?`

export const waitingQueries = {
  'waiting.inLane'(statements: Statements, lane: LanePlace, after: LaneMark, now: number, limit: number) {
    const { tenant, pool, kind, key } = lane
    const mark = [after.front ? 0 : 1, after.turnAt, after.createdAt, after.id]
    return select(statements, selectInLane, tenant, pool, kind, key, ...mark, now, limit)
  },
  'waiting.later'(statements: Statements, { at, id }: TimeMark, limit: number) {
    return select(statements, selectLater, at, id, limit)
  },
  'waiting.expiring'(statements: Statements, { at, id }: TimeMark, limit: number) {
    return select(statements, selectExpiring, at, id, limit)
  },
}

function select(statements: Statements, sql: string, ...values: readonly SqlValue[]): readonly QueuedTask[] {
  return Array.from(statements.rows(sql, ...values), decodeQueued)
}
