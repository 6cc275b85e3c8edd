/** What a new task does to those of its concurrency key, in the commit that adds it. */
import { replacedBy } from '../../../task/conflict.ts'
import type { State } from '../../../task/states.ts'
import type { TaskEvent } from '../../../task/task.ts'
import type { Decided } from '../../schedules.ts'
import type { ConflictNow } from '../operation.ts'
import type { Result } from '../reply.ts'
import { insertEvents } from './events.ts'
import type { Statements } from './statements.ts'
import { unsettled } from './states.ts'

/** A task of the key that is to end. */
interface Superseded {
  readonly number: number
  readonly id: string
  readonly attempt: number
  readonly lastSeq: number
}

/** As the index that answers it says. */
const ofKey = `FROM task WHERE tenant = ? AND lane_key = ? AND state IN (${unsettled})`
const countOfKey = `SELECT count(*) AS count FROM (SELECT 1 ${ofKey} LIMIT ?)`
const selectOfKey = (states: string) => `SELECT number, id, attempt, last_seq AS lastSeq ${ofKey}
  AND cancel_requested = 0 AND cleaning IS NULL AND id IS NOT ?${states} ORDER BY number LIMIT ?`
const selectUnsettled = `SELECT number, id, attempt, last_seq AS lastSeq FROM task
  WHERE id = ? AND tenant = ? AND state IN (${unsettled}) AND cancel_requested = 0 AND cleaning IS NULL`
const markCancelled = 'UPDATE task SET cancel_requested = 1, last_seq = last_seq + 1 WHERE number = ?'

const queued: State = 'queued'

/** Why the task is not added; nothing when it may be. */
export function refuseConflict(statements: Statements, conflict: ConflictNow): Result | undefined {
  const { tenant, key, limit, most } = conflict
  if (conflict.on === 'reject') {
    const { count } = statements.prepare(countOfKey).get(tenant, key, limit) as { count: number }
    return count < limit ? undefined : { conflict: 'full' }
  }
  return supersededBy(statements, conflict).length > most ? { conflict: 'too many' } : undefined
}

/** Has those end that came before; their events, to be published. */
export function supersede(statements: Statements, conflict: ConflictNow): readonly TaskEvent[] {
  if (conflict.on === 'reject') return []
  const { tenant, at, reason } = conflict
  const wish = { tenant, at, data: { reason } }
  return supersededBy(statements, conflict).map((task) => wantCancelled(statements, task, wish))
}

/** Has those tasks of a schedule end that the task of its newest tick replaces; their events, to be published. */
export function replace(statements: Statements, decided: Decided | null, tenant: string): readonly TaskEvent[] {
  if (!decided?.fire) return []
  const { replaces = [], fire, schedule } = decided
  const wish = { tenant, at: fire.at, data: { reason: replacedBy(schedule) } }
  return replaces.flatMap((id) => {
    const [task] = statements.prepare(selectUnsettled).all(id, tenant) as unknown as readonly Superseded[]
    return task ? [wantCancelled(statements, task, wish)] : []
  })
}

function wantCancelled(
  statements: Statements,
  { number, id, attempt, lastSeq }: Superseded,
  { tenant, at, data }: Pick<TaskEvent, 'tenant' | 'at' | 'data'>,
): TaskEvent {
  const seq = lastSeq + 1
  statements.prepare(markCancelled).run(number)
  insertEvents(statements, number, seq, [['task.cancelling', at, attempt, JSON.stringify(data)]])
  return { task: id, tenant, seq, type: 'task.cancelling', at, attempt, data }
}

function supersededBy(statements: Statements, { tenant, key, on, except, most }: ConflictNow): readonly Superseded[] {
  const states = on === 'cancel-queued' ? ` AND state = '${queued}'` : ''
  return statements.prepare(selectOfKey(states)).all(tenant, key, except, most + 1) as unknown as Superseded[]
}
