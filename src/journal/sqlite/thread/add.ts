import { bodyColumns, columnOf, type SqlValue, taskColumns } from '../columns.ts'
import type { Conditions, NewRows } from '../operation.ts'
import { added, type Result } from '../reply.ts'
import { plainNames, plainRest } from '../rows.ts'
import { refuseConflict, replace, supersede } from './conflicts.ts'
import { insertEvents } from './events.ts'
import { refuseChild } from './families.ts'
import { findEarlier, giveKey } from './keys.ts'
import { keepOneTime } from './one-time.ts'
import { decide } from './schedules.ts'
import type { Statements } from './statements.ts'
import { missingUpload, useUploads } from './uploads.ts'

const insertTask = `INSERT INTO task (${taskColumns}) VALUES (${places(taskColumns)})`
const insertPlainTask = `INSERT INTO task (${[...plainNames, ...Object.keys(plainRest)].map(columnOf)})
  VALUES (${[...places(plainNames), ...Object.values(plainRest).map(literal)]})`
const insertBody = `INSERT INTO body (task, ${bodyColumns}) VALUES (?, ${places(bodyColumns)})`
const insertInput = 'INSERT INTO body (task, input) VALUES (?, ?)'

/** The transaction is the one place where it is decided whose a key is: of two at once, the second finds the first. */
export function add(statements: Statements, [task, body, event, conditions]: NewRows): Result {
  if (conditions !== null) return addIf(statements, [task, body, event], JSON.parse(conditions))
  insert(statements, [task, body, event])
  return added
}

type Rows = readonly [task: NewRows[0], body: NewRows[1], event: NewRows[2]]

function addIf(statements: Statements, rows: Rows, conditions: Conditions): Result {
  const { once, child, uploads, secrets, decided, conflict } = conditions
  const [task] = rows
  const refused = child && refuseChild(statements, child.parent, child.key, child)
  if (refused) return refused
  const earlier = once ? findEarlier(statements, once) : undefined
  if (earlier) return earlier
  const missing = missingUpload(statements, tenantOf(task), uploads)
  if (missing) return missing
  const refusal = conflict && refuseConflict(statements, conflict)
  if (refusal) return refusal
  // Last, because it moves the schedule on.
  if (decided && decide(statements, decided, idOf(task)) !== 'decided') return { stale: true }
  const superseded = [
    ...(conflict ? supersede(statements, conflict) : []),
    ...replace(statements, decided, tenantOf(task)),
  ]
  const number = insert(statements, rows)
  if (once) giveKey(statements, number, once)
  useUploads(statements, number, uploads)
  keepOneTime(statements, number, secrets)
  return superseded.length > 0 ? { ...added, superseded } : added
}

/** The number that it has. */
function insert(statements: Statements, [task, body, event]: Rows): number {
  const isPlain = task.length === plainNames.length
  const number = Number(statements.prepare(isPlain ? insertPlainTask : insertTask).run(...task).lastInsertRowid)
  statements.prepare(body.length === 1 ? insertInput : insertBody).run(number, ...body)
  insertEvents(statements, number, 1, [event])
  return number
}

/** Both are where they are in any row. */
function tenantOf(task: readonly SqlValue[]): string {
  return String(task[plainNames.indexOf('tenant')])
}

function idOf(task: readonly SqlValue[]): string {
  return String(task[plainNames.indexOf('id')])
}

function places(columns: readonly string[]): readonly string[] {
  return columns.map(() => '?')
}

function literal(value: string | number | boolean): string {
  return typeof value === 'string' ? `'${value}'` : String(Number(value))
}
