import type { OneTimeRow } from '../operation.ts'
import type { Statements } from './statements.ts'

const insert = 'INSERT INTO one_time_secret (task, name, key, sealed) VALUES (?, ?, ?, ?)'
const remove = 'DELETE FROM one_time_secret WHERE task = ?'

/** Bytes cross as base64. */
export function keepOneTime(statements: Statements, task: number, rows: readonly OneTimeRow[]): void {
  for (const [name, key, sealed] of rows) {
    statements.prepare(insert).run(task, name, key, Buffer.from(sealed, 'base64'))
  }
}

/** Whether there were any. The database overwrites what it deletes; the log is for others to start afresh. */
export function forgetOneTime(statements: Statements, task: number): boolean {
  return statements.prepare(remove).run(task).changes > 0
}
