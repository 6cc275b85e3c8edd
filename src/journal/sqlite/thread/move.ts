import { canMove, isTerminal, STATES, type State } from '../../../task/states.ts'
import type { Assignments, MoveOperation } from '../operation.ts'
import type { Result } from '../reply.ts'
import { insertEvents, keepNewest } from './events.ts'
import { forgetOneTime } from './one-time.ts'
import { spend } from './process-time.ts'
import type { Statements } from './statements.ts'
import { listOf } from './states.ts'
import { readTask } from './tasks.ts'

const stale: Result = { stale: true }

const openAttempt = `INSERT INTO attempt (task, number, boot, worker, isolation, pid, start_ticks, boot_id, started_at,
    module_hash, waited)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const closeAttempt = `UPDATE attempt SET ended_at = ?, outcome = ?, error = ?, usage = ?
  WHERE task = ? AND number = ? AND ended_at IS NULL`
const putArtifact = `INSERT OR REPLACE INTO artifact (task, name, file, bytes, sha256, content_type, at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`
const markCheckpoint = 'UPDATE attempt SET checkpointed = 1 WHERE task = ? AND number = ?'

export interface MoveScope {
  /** Which start of the orchestrator this is. */
  readonly boot: number
  readonly maxTaskEvents: number
}

/** One fenced update, and then what goes with it. A broken fence changes nothing. */
export function move(statements: Statements, { boot, maxTaskEvents }: MoveScope, move: MoveOperation): Result {
  const from = startingPoints(move.from, move.state)
  if (from.length === 0) return stale
  const row = statements
    .prepare(updateTask(move.task.columns, from, move.opens !== null))
    .get(...move.task.values, move.events.length, move.id, move.attempt)
  if (!row) return stale
  const { number, tenant, lastSeq } = row as { number: number; tenant: string; lastSeq: number }
  updateBody(statements, number, move.body)
  const firstSeq = lastSeq - move.events.length + 1
  insertEvents(statements, number, firstSeq, move.events)
  keepNewest(statements, number, [firstSeq, lastSeq], maxTaskEvents)
  recordAttempt(statements, boot, number, move)
  if (move.spent) spend(statements, tenant, move.spent)
  for (const artifact of move.artifacts) statements.prepare(putArtifact).run(number, ...artifact)
  const shred = move.state !== null && isTerminal(move.state) && forgetOneTime(statements, number)
  if (shred) return { tenant, lastSeq, shred }
  const landed = { tenant, lastSeq, ...(move.cue && { cue: move.cue }) }
  return move.brings ? { ...landed, task: readTask(statements, number) } : landed
}

/** The states of the fence that the move may legally start from. */
export function startingPoints(from: readonly State[], to: State | null): readonly State[] {
  return STATES.filter((state) => from.includes(state) && (to === null || to === state || canMove(state, to)))
}

/** One text for each set of columns and states, so that it is compiled once. */
function updateTask(columns: readonly string[], from: readonly State[], opens: boolean): string {
  const set = columns.map((column) => `${column} = ?`)
  set.push('last_seq = last_seq + ?')
  if (opens) set.push('attempt = attempt + 1')
  return `UPDATE task SET ${set} WHERE id = ? AND attempt = ? AND state IN (${listOf(from)})
    RETURNING number, tenant, last_seq AS lastSeq`
}

function updateBody(statements: Statements, number: number, { columns, values }: Assignments): void {
  if (columns.length === 0) return
  statements
    .prepare(`UPDATE body SET ${columns.map((column) => `${column} = ?`)} WHERE task = ?`)
    .run(...values, number)
}

function recordAttempt(statements: Statements, boot: number, number: number, move: MoveOperation): void {
  const { opens, closes } = move
  const attempt = opens ? move.attempt + 1 : move.attempt
  if (opens) statements.prepare(openAttempt).run(number, attempt, boot, ...opens)
  if (move.checkpointed) statements.prepare(markCheckpoint).run(number, attempt)
  if (closes) statements.prepare(closeAttempt).run(...closes, number, attempt)
}
