import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { openForReading, openForWriting } from '../connection.ts'
import type { CueCell } from '../cues.ts'
import type { Obstacle } from '../failures.ts'
import type { Crossing, Operation } from '../operation.ts'
import { type Reply, type Result, toCrossing } from '../reply.ts'
import { add } from './add.ts'
import { commitBatch } from './batch.ts'
import { giveCues } from './cue.ts'
import { Inbox, type Line } from './inbox.ts'
import { LogLimit } from './log-limit.ts'
import { move } from './move.ts'
import { change } from './records.ts'
import { Statements } from './statements.ts'

/** Who writes: one start of an orchestrator. */
export interface Boot {
  readonly node: string | null
  readonly pid: number
  readonly startedAt: number
}

export interface WriterData {
  readonly database: string
  readonly boot: Boot
  /** The newest events of a task that are kept. */
  readonly maxTaskEvents: number
}

const { database, boot: identity, maxTaskEvents } = workerData as WriterData
const log = `${database}-wal`
const isLogLeft = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0
const db = openForWriting(database)
const logLimit = new LogLimit(db, log)
const statements = new Statements(db)
const boot = beginBoot(db, identity)
// What was deleted right before a crash is in the log that it left.
if (isLogLeft) logLimit.wish()

/** Writes what it is sent, until there is nothing more to come: the one task of this thread. */
export function write(line: Line): void {
  const inbox = new Inbox(line)
  const answer = (replies: readonly Reply[]) => line.port.postMessage(replies.map(toCrossing))
  // Whoever waits for it learns that the thread is ready.
  answer([])
  let obstacle: Obstacle | null = null
  let order = inbox.next()
  for (; order !== 'close' && order !== 'close full'; order = inbox.next()) {
    if (order === 'go on') obstacle = null
    // What was sent before the obstacle was known keeps its place behind what met it.
    else if (obstacle) answer([{ results: [], obstacle }])
    else {
      const replies = commit(order, inbox, line.cue)
      obstacle = replies.at(-1)?.obstacle ?? null
      answer(replies)
    }
  }
  close(order === 'close full')
}

/** A batch, and in the same commit what comes until its rows are in place: a reply for each. */
function commit(batch: readonly Crossing[], inbox: Inbox, cue: CueCell): readonly Reply[] {
  const lengths = [batch.length]
  const { results: landed, obstacle } = commitBatch(db, batch, carryOut, () => {
    const more = inbox.more()
    if (more) lengths.push(more.length)
    return more
  })
  const results = giveCues(landed, cue)
  logLimit.keep()
  let end = 0
  return lengths.map((length) => {
    end += length
    return { results: results.slice(end - length, end), obstacle: results.length < end ? obstacle : null }
  })
}

/**
 * The last connection to close folds the log into the database, unless it may only read: on a full disk that would take
 * the room that the next start needs.
 */
function close(isFull: boolean): void {
  const last = isFull ? openForReading(database) : undefined
  last?.prepare('SELECT count(*) FROM boot').get()
  db.close()
  last?.close()
}

function carryOut(crossing: Crossing): Result {
  return typeof crossing === 'string' ? apply(JSON.parse(crossing)) : add(statements, crossing)
}

function apply(operation: Operation): Result {
  switch (operation.do) {
    case 'move':
      return move(statements, { boot, maxTaskEvents }, operation)
    case 'record':
      return { recorded: change(statements, operation.change, operation.args) }
    case 'shred':
      logLimit.wish()
      return { recorded: null }
    case 'stopping':
      statements.prepare('UPDATE boot SET stopping_at = ? WHERE id = ?').run(operation.at, boot)
      return { tenant: '', lastSeq: 0 }
  }
}

function beginBoot(on: DatabaseSync, { node, pid, startedAt }: Boot): number {
  const insert = on.prepare('INSERT INTO boot (node, pid, started_at) VALUES (?, ?, ?)')
  return Number(insert.run(node, pid, startedAt).lastInsertRowid)
}
