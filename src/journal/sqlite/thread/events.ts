import type { EventRow } from '../operation.ts'
import type { Statements } from './statements.ts'

const insertEvent = 'INSERT INTO event (task, seq, type, at, attempt, data) VALUES (?, ?, ?, ?, ?, ?)'

/** The one place where events get their numbers. */
export function insertEvents(
  statements: Statements,
  task: number,
  firstSeq: number,
  events: readonly EventRow[],
): void {
  const insert = statements.prepare(insertEvent)
  let seq = firstSeq
  for (const event of events) insert.run(task, seq++, ...event)
}
