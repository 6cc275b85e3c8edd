import type { Task } from '../../../task/task.ts'
import type { OpenAttempt, ProcessIdentity } from '../../attempts.ts'
import type { FoundTasks, QueuedTask, TaskQuery } from '../../journal.ts'
import {
  decodeQueued,
  decodeTask,
  queuedColumns,
  type Row,
  type SqlValue,
  selection,
  selectTask,
  taskColumns,
} from '../columns.ts'
import { takePage, textBytes } from './page.ts'
import type { Statements } from './statements.ts'
import { active } from './states.ts'

/** Of bodies in one page of tasks, each of which may have several of a megabyte. */
const pageBytes = 4 * 1024 * 1024

export function task(statements: Statements, tenant: string, id: string): Task | undefined {
  const [found] = read(statements, `${selectTask} WHERE task.id = ? AND task.tenant = ?`, id, tenant)
  return found
}

/** A task that must be there, by the number that other tables know it by. */
export function readTask(statements: Statements, number: number): Task {
  const [found] = read(statements, `${selectTask} WHERE task.number = ?`, number)
  if (!found) throw new Error('The journal refers to a task that is not there.')
  return found
}

/** Newest first. */
export function tasks(statements: Statements, query: TaskQuery): FoundTasks {
  const { where, values } = conditions(query)
  const sql = `${selectTask} WHERE ${where.join(' AND ')} ORDER BY task.id DESC LIMIT ?`
  // One more than asked for tells whether there are more.
  const stored = statements.rows(sql, ...values, query.limit + 1)
  const bodyBytes = (row: Row) => textBytes(row.slice(taskColumns.length))
  const { rows, more } = takePage(stored, { rows: query.limit, bytes: pageBytes }, bodyBytes)
  return { tasks: rows.map(decodeTask), more }
}

/** In the order of their index, from the task table alone: the bodies of all that wait may not fit into memory. */
export function queued(statements: Statements, after: QueuedTask | undefined, limit: number): readonly QueuedTask[] {
  return Array.from(statements.rows(selectQueued, after?.tenant ?? '', after?.id ?? '', limit), decodeQueued)
}

export function open(statements: Statements): readonly OpenAttempt[] {
  return Array.from(statements.rows(selectOpen), decodeOpen)
}

function read(statements: Statements, sql: string, ...values: readonly SqlValue[]): readonly Task[] {
  return Array.from(statements.rows(sql, ...values), decodeTask)
}

function conditions({ tenant, state, kind, pool, label, before }: TaskQuery) {
  const where = ['task.tenant = ?']
  const values: SqlValue[] = [tenant]
  const need = (condition: string, ...operands: SqlValue[]) => {
    where.push(condition)
    values.push(...operands)
  }
  if (state !== undefined) need('task.state = ?', state)
  if (kind !== undefined) need('task.kind = ?', kind)
  if (pool !== undefined) need('task.pool = ?', pool)
  if (before !== undefined) need('task.id < ?', before)
  // Not a JSON path: a label's name may hold any character.
  if (label) need('EXISTS (SELECT 1 FROM json_each(task.labels) WHERE key = ? AND value = ?)', label.name, label.value)
  return { where, values }
}

const selectQueued = `SELECT ${queuedColumns} FROM task
  WHERE state = 'queued' AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?`

const selectOpen = `SELECT ${selection},
    attempt.worker, attempt.pid, attempt.start_ticks, attempt.boot_id, attempt.checkpointed, boot.stopping_at
  FROM task
  JOIN body ON body.task = task.number
  JOIN attempt ON attempt.task = task.number AND attempt.number = task.attempt
  LEFT JOIN boot ON boot.id = attempt.boot
  WHERE task.state IN (${active})`

function decodeOpen(row: Row): OpenAttempt {
  const [worker, pid, startTicks, bootId, checkpointed, stoppingAt] = row.slice(selection.length)
  return {
    task: decodeTask(row),
    worker: worker as string,
    process: pid === null ? null : ({ pid, startTicks, bootId } as ProcessIdentity),
    checkpointed: checkpointed === 1,
    stopping: stoppingAt !== null,
  }
}
