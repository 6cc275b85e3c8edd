import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inTransaction, openForReading, openForWriting, pragma } from '../../../src/journal/sqlite/connection.ts'
import { temporaryDirectory } from './fixture.ts'

describe('a connection', () => {
  let place: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    place = temporaryDirectory()
  })
  afterEach(() => place.remove())

  test('that writes returns from a commit only after fsync, at the first opening and at every later one', () => {
    for (let opening = 0; opening < 2; opening++) {
      const db = openForWriting(place.files.database)
      db.exec('CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1)')
      expect([pragma(db, 'synchronous'), pragma(db, 'journal_mode')]).toEqual([2, 'wal'])
      db.close()
    }
  })

  test('that reads cannot write', () => {
    const writer = openForWriting(place.files.database)
    writer.exec('CREATE TABLE t (a)')
    const reader = openForReading(place.files.database)
    expect(() => reader.exec('INSERT INTO t VALUES (1)')).toThrow('readonly')
    reader.close()
    writer.close()
  })

  test('takes back a transaction that fails', () => {
    const db = openForWriting(place.files.database)
    db.exec('CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1)')
    expect(() => inTransaction(db, () => db.exec('INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)'))).toThrow()
    expect(db.prepare('SELECT a FROM t').all()).toEqual([{ a: 1 }])
    db.close()
  })
})
