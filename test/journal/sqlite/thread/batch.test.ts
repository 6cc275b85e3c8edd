import { closeSync, openSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openForWriting } from '../../../../src/journal/sqlite/connection.ts'
import type { Operation } from '../../../../src/journal/sqlite/operation.ts'
import { commitBatch } from '../../../../src/journal/sqlite/thread/batch.ts'
import { temporaryDirectory } from '../fixture.ts'

const pageBytes = 4096

describe('a batch', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let db: DatabaseSync

  beforeEach(() => {
    place = temporaryDirectory()
    db = openForWriting(place.files.database)
    db.exec('CREATE TABLE stop (at INTEGER UNIQUE)')
  })
  afterEach(() => {
    db.close()
    place.remove()
  })

  const insert = (operation: Operation) => {
    if (operation.do !== 'stopping') throw new Error('not of this test')
    db.prepare('INSERT INTO stop VALUES (?)').run(operation.at)
    return { tenant: '', lastSeq: operation.at }
  }
  const batchOf = (...ats: readonly number[]) => ats.map((at) => ({ do: 'stopping', at }) as const)
  const rows = () =>
    db
      .prepare('SELECT at FROM stop ORDER BY at')
      .all()
      .map(({ at }) => at)

  test('is one transaction', () => {
    const begun: boolean[] = []
    const reply = commitBatch(db, batchOf(1, 2), (operation) => {
      begun.push(db.isTransaction)
      return insert(operation)
    })
    expect(reply).toEqual({ results: [1, 2].map((lastSeq) => ({ tenant: '', lastSeq })), obstacle: null })
    expect([begun, rows(), db.isTransaction]).toEqual([[true, true], [1, 2], false])
  })

  test('takes along what comes while it is written', () => {
    const coming = [batchOf(3), batchOf(4, 4)]
    const more = () => coming.shift()
    expect(commitBatch(db, batchOf(1, 2), insert, more).results).toMatchObject(
      [{ lastSeq: 1 }, { lastSeq: 2 }, { lastSeq: 3 }, { lastSeq: 4 }, { failed: /UNIQUE/ }].map(loosely),
    )
    expect([rows(), coming]).toEqual([[1, 2, 3, 4], []])
  })

  test('with a bad operation in it lands without that one', () => {
    const { results } = commitBatch(db, batchOf(1, 2, 1, 3), insert)
    expect(results).toMatchObject([{ lastSeq: 1 }, { lastSeq: 2 }, { failed: /UNIQUE/ }, { lastSeq: 3 }].map(loosely))
    expect(rows()).toEqual([1, 2, 3])
  })

  test('that meets a full disk changes nothing, and says how far it came', () => {
    db.exec('PRAGMA max_page_count = 3')
    const reply = commitBatch(db, batchOf(...Array.from({ length: 2000 }, (_, at) => at)), insert)
    expect(reply).toEqual({ results: [], obstacle: 'full' })
    expect([rows(), db.isTransaction]).toEqual([[], false])
  })

  test('that finds the database locked changes nothing, and says how far it came', () => {
    db.exec('PRAGMA busy_timeout = 0')
    const stranger = new DatabaseSync(place.files.database)
    stranger.exec('BEGIN IMMEDIATE')
    expect(commitBatch(db, batchOf(1, 2), insert)).toEqual({ results: [], obstacle: 'busy' })
    stranger.close()
    const lockedAt3 = (operation: Operation) => {
      const result = insert(operation)
      if (result.lastSeq === 3) throw Object.assign(new Error('database is locked'), { errcode: 5 })
      return result
    }
    const { results, obstacle } = commitBatch(db, batchOf(1, 1, 3, 4), lockedAt3)
    expect([results.length, obstacle, rows()]).toEqual([2, 'busy', [1]])
  })

  test('that finds the database damaged does not go on', () => {
    db.close()
    const file = openSync(place.files.database, 'r+')
    writeSync(file, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, pageBytes)
    closeSync(file)
    db = openForWriting(place.files.database)
    expect(() => commitBatch(db, batchOf(1), insert)).toThrow('malformed')
  })
})

function loosely<T extends object>(result: T) {
  return 'failed' in result ? { failed: expect.stringMatching(result.failed as RegExp) } : result
}
