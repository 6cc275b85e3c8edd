import { bodyColumns, taskColumns } from '../columns.ts'
import type { AddOperation } from '../operation.ts'
import type { Landed } from '../reply.ts'
import { insertEvents } from './events.ts'
import type { Statements } from './statements.ts'

const insertTask = `INSERT INTO task (${taskColumns}) VALUES (${taskColumns.map(() => '?')})`
const insertBody = `INSERT INTO body (task, ${bodyColumns}) VALUES (?, ${bodyColumns.map(() => '?')})`

/** Nothing about an added task is news to who added it, so one answer serves all. */
const added: Landed = { tenant: '', lastSeq: 1 }

export function add(statements: Statements, { task, body, event }: AddOperation): Landed {
  const { lastInsertRowid: number } = statements.prepare(insertTask).run(...task)
  statements.prepare(insertBody).run(number, ...body)
  insertEvents(statements, Number(number), 1, [event])
  return added
}
