import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openForReading, openForWriting } from '../../../../src/journal/sqlite/connection.ts'
import { LogLimit } from '../../../../src/journal/sqlite/thread/log-limit.ts'
import { temporaryDirectory } from '../fixture.ts'

const limitBytes = 512 * 1024

describe('the log', () => {
  let place: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    place = temporaryDirectory()
  })
  afterEach(() => place.remove())

  test('starts afresh above its limit, once no reader is in the way', () => {
    const { database, wal } = place.files
    const db = openForWriting(database)
    db.exec('CREATE TABLE t (a)')
    const limit = new LogLimit(db, wal, limitBytes)
    const write = () => db.prepare('INSERT INTO t VALUES (zeroblob(?))').run(limitBytes)
    const reader = openForReading(database)
    reader.exec('BEGIN; SELECT * FROM t')

    write()
    limit.keep()
    expect(statSync(wal).size).toBeGreaterThan(limitBytes)
    reader.exec('COMMIT')
    limit.keep()
    expect(statSync(wal).size, 'asked again only when it has grown by as much again').toBeGreaterThan(limitBytes)
    write()
    limit.keep()
    expect(statSync(wal).size).toBe(0)
    reader.close()
    db.close()
  })
})
