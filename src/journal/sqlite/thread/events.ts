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

/** How many more than the limit there may be: deleting them one by one would cost each event a look. */
const slackEvents = 1_000

/** Forgets the oldest events of a task that has more than so many; called with the numbers of those that came last. */
export function keepNewest(
  statements: Statements,
  task: number,
  [firstSeq, lastSeq]: readonly [number, number],
  maxEvents: number,
): void {
  if (lastSeq <= maxEvents || Math.floor(lastSeq / slackEvents) === Math.floor((firstSeq - 1) / slackEvents)) return
  statements.prepare('DELETE FROM event WHERE task = ? AND seq <= ?').run(task, lastSeq - maxEvents)
}
