import { ACTIVE } from '../../../task/states.ts'
import type { Task } from '../../../task/task.ts'
import type { OpenAttempt, ProcessIdentity, TaskQuery } from '../../journal.ts'
import { bodyColumns, decodeTask, type SqlValue, selectTask, taskColumns } from '../columns.ts'
import type { Statements } from './statements.ts'

export function task(statements: Statements, tenant: string, id: string): Task | undefined {
  const row = statements.prepare(`${selectTask} WHERE task.id = ? AND task.tenant = ?`).get(id, tenant)
  return row && decodeTask(row)
}

/** Newest first. */
export function tasks(statements: Statements, query: TaskQuery): readonly Task[] {
  const { where, values } = conditions(query)
  const sql = `${selectTask} WHERE ${where.join(' AND ')} ORDER BY task.id DESC LIMIT ?`
  return statements
    .prepare(sql)
    .all(...values, query.limit)
    .map(decodeTask)
}

export function queued(statements: Statements): readonly Task[] {
  return statements.prepare(`${selectTask} WHERE task.state = 'queued'`).all().map(decodeTask)
}

export function open(statements: Statements): readonly OpenAttempt[] {
  return statements.prepare(selectOpen).all().map(decodeOpen)
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

const selectOpen = `SELECT ${taskColumns.map((name) => `task.${name}`)}, ${bodyColumns.map((name) => `body.${name}`)},
    attempt.worker, attempt.pid, attempt.start_ticks, attempt.boot_id, attempt.checkpointed, boot.stopping_at
  FROM task
  JOIN body ON body.task = task.number
  JOIN attempt ON attempt.task = task.number AND attempt.number = task.attempt
  LEFT JOIN boot ON boot.id = attempt.boot
  WHERE task.state IN (${ACTIVE.map((state) => `'${state}'`)})`

function decodeOpen(row: Record<string, unknown>): OpenAttempt {
  return {
    task: decodeTask(row),
    worker: row.worker as string,
    process: decodeProcess(row),
    checkpointed: row.checkpointed === 1,
    stopping: row.stopping_at !== null,
  }
}

function decodeProcess(row: Record<string, unknown>): ProcessIdentity | null {
  const { pid, start_ticks: startTicks, boot_id: bootId } = row
  return pid === null ? null : ({ pid, startTicks, bootId } as ProcessIdentity)
}
