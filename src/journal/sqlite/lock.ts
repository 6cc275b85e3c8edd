import { readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../system/clock.ts'
import { JournalUnusable } from '../journal.ts'
import { failureOf } from './failures.ts'
import { type Files, touch, writeWhole } from './files.ts'
import { quoted } from './unusable.ts'

/** Two that start in the same moment may hinder each other: long enough for one of them to win. */
const raceMs = 200

export interface Lock {
  release(): void
}

/**
 * Makes this the only orchestrator of the directory. The kernel holds the lock and frees it with the process, however
 * that ends; a pid in a file would have to be believed.
 */
export function takeLock(files: Files, clock: Clock): Lock {
  touch(files.lock)
  const db = new DatabaseSync(files.lock, { timeout: raceMs })
  try {
    // Nothing is ever committed here, so nothing needs a journal: the lock can be taken on a full disk.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw refused(files, error)
  }
  leaveName(files, clock)
  return {
    release() {
      rmSync(files.holder, { force: true })
      db.close()
    },
  }
}

/** The name is a courtesy: a disk that is full must not keep an orchestrator from coming back to its tasks. */
function leaveName(files: Files, clock: Clock): void {
  try {
    writeWhole(files.holder, JSON.stringify({ pid: process.pid, host: hostname(), since: clock.now() }))
  } catch {
    rmSync(files.holder, { force: true })
  }
}

function refused(files: Files, cause: unknown): JournalUnusable {
  const directory = quoted(files.directory)
  if (failureOf(cause) !== 'busy') {
    return new JournalUnusable(
      `The lock ${quoted(files.lock)} cannot be taken; see that it is a file SQLite can write`,
      {
        cause,
      },
    )
  }
  return new JournalUnusable(
    `The data directory ${directory} is in use by ${holder(files)}: stop that one first, or give this one a directory of its own.`,
    { cause },
  )
}

function holder(files: Files): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(files.holder, 'utf8'))
    return `the orchestrator with pid ${pid} on ${host}, running since ${new Date(since).toISOString()}`
  } catch {
    // It is just starting, or found no space to leave its name.
    return 'another orchestrator'
  }
}
