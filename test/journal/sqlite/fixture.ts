import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Journal } from '../../../src/journal/journal.ts'
import { filesIn } from '../../../src/journal/sqlite/files.ts'
import { openSqliteJournal, type SqliteLimits } from '../../../src/journal/sqlite/open.ts'
import { type Clock, systemClock } from '../../../src/system/clock.ts'
import { systemLogger } from '../../../src/system/logger.ts'

export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-journal-'))
  return { directory, files: filesIn(directory), remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** A journal in a directory of its own for each test from here on: it is there only while one runs. */
export function journalOfEachTest() {
  const held = {} as { place: ReturnType<typeof temporaryDirectory>; journal: Journal }
  beforeEach(async () => {
    held.place = temporaryDirectory()
    held.journal = await openIn(held.place.directory)
  })
  afterEach(async () => {
    await held.journal.close()
    held.place.remove()
  })
  return held
}

/** Without the reserve, whose 8 MiB are not what most tests are about. */
export function openIn(
  directory: string,
  limits: Partial<SqliteLimits> = {},
  clock: Clock = systemClock,
): Promise<Journal> {
  return openSqliteJournal({ directory, clock, logger: systemLogger('silent'), limits: { reserveMiB: 0, ...limits } })
}

/** Time that passes when the test says so: `ring` calls what waits, and what that brings about waits for the next. */
export function bell() {
  let waiting: (() => void)[] = []
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(_, call) {
      waiting.push(call)
      return () => {
        waiting = waiting.filter((one) => one !== call)
      }
    },
  }
  const ring = () => {
    const ringing = waiting
    waiting = []
    for (const call of ringing) call()
  }
  return { clock, ring }
}
