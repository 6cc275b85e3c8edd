/**
 * The least that a durable submission can be: the same route, and a thread that commits what has come meanwhile to one
 * table of an SQLite database, with one fsync. No token, no events, no order, nothing that reads it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type Row, serve } from './route.ts'

interface Place {
  readonly directory: string
}

if (isMainThread) await serve(keepInThread())
else commit(workerData as Place)

function keepInThread(): (row: Row) => Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-bench-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const thread = new Worker(new URL(import.meta.url), { workerData: { directory } satisfies Place })
  let gathering: { row: Row; kept: () => void }[] = []
  let underWay: typeof gathering = []
  const send = () => {
    if (underWay.length > 0 || gathering.length === 0) return
    underWay = gathering
    gathering = []
    thread.postMessage(underWay.map(({ row }) => row))
  }
  thread.on('message', () => {
    for (const { kept } of underWay) kept()
    underWay = []
    send()
  })
  return (row) =>
    new Promise((kept) => {
      // What the same turn of the event loop brings goes together.
      if (gathering.push({ row, kept }) === 1) setImmediate(send)
    })
}

function commit({ directory }: Place): void {
  const db = new DatabaseSync(join(directory, 'tasks.db'))
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE task (number INTEGER PRIMARY KEY, id TEXT NOT NULL, json TEXT NOT NULL) STRICT;
  `)
  const insert = db.prepare('INSERT INTO task (id, json) VALUES (?, ?)')
  parentPort?.on('message', (rows: readonly Row[]) => {
    db.exec('BEGIN IMMEDIATE')
    for (const { id, json } of rows) insert.run(id, json)
    db.exec('COMMIT')
    parentPort?.postMessage('kept')
  })
}
