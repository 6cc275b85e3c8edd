import type { Artifact } from '../../../task/artifact.ts'
import type { JsonObject } from '../../../task/json.ts'
import type { EventType, TaskEvent } from '../../../task/task.ts'
import type { AttemptRecord } from '../../attempts.ts'
import type { EventPage } from '../../journal.ts'
import { fromJson } from '../columns.ts'
import { takePage } from './page.ts'
import type { Statements } from './statements.ts'

/** Of data in one page of events: a thousand of the largest events would be a gigabyte. */
const pageBytes = 1024 * 1024

const none: EventPage = { events: [], firstSeq: 0, lastSeq: 0 }

const selectLog = `SELECT number, tenant,
    (SELECT min(seq) FROM event WHERE event.task = task.number) AS firstSeq,
    (SELECT max(seq) FROM event WHERE event.task = task.number) AS lastSeq
  FROM task WHERE id = ?`
const selectEvents = 'SELECT seq, type, at, attempt, data FROM event WHERE task = ? AND seq > ? ORDER BY seq LIMIT ?'
const selectAttempts = `SELECT attempt.* FROM attempt JOIN task ON task.number = attempt.task
  WHERE task.id = ? ORDER BY attempt.number`

const selectArtifacts = `SELECT name, file, bytes, sha256, content_type AS contentType, artifact.at
  FROM artifact JOIN task ON task.number = artifact.task WHERE task.id = ? ORDER BY name`

type LogRow = { number: number; tenant: string; firstSeq: number | null; lastSeq: number | null }
type EventRow = { seq: number; type: EventType; at: number; attempt: number; data: string }

export function events(statements: Statements, task: string, after: number, limit: number): EventPage {
  const log = statements.prepare(selectLog).get(task) as LogRow | undefined
  if (!log) return none
  const stored = statements.prepare(selectEvents).iterate(log.number, after, limit) as Iterable<unknown>
  const limits = { rows: limit, bytes: pageBytes }
  const { rows } = takePage(stored as Iterable<EventRow>, limits, ({ data }) => Buffer.byteLength(data))
  const found = rows.map((row) => decodeEvent(task, log.tenant, row))
  // The page may have been read a commit later than the range.
  const lastSeq = Math.max(log.lastSeq ?? 0, found.at(-1)?.seq ?? 0)
  return { events: found, firstSeq: log.firstSeq ?? 0, lastSeq }
}

export function attempts(statements: Statements, task: string): readonly AttemptRecord[] {
  return statements.prepare(selectAttempts).all(task).map(decodeAttempt)
}

export function artifacts(statements: Statements, task: string): readonly Artifact[] {
  return statements.prepare(selectArtifacts).all(task) as unknown as readonly Artifact[]
}

function decodeEvent(task: string, tenant: string, { seq, type, at, attempt, data }: EventRow): TaskEvent {
  return { task, tenant, seq, type, at, attempt, data: JSON.parse(data) as JsonObject }
}

function decodeAttempt(row: Record<string, unknown>): AttemptRecord {
  return {
    number: row.number,
    worker: row.worker,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    error: fromJson(row.error),
    usage: fromJson(row.usage),
    isolation: row.isolation,
    moduleHash: row.module_hash,
    waited: fromJson(row.waited),
  } as AttemptRecord
}
