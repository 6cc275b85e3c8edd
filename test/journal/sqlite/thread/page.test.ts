import { expect, test } from 'vitest'
import { openForReading, openForWriting } from '../../../../src/journal/sqlite/connection.ts'
import { takePage, textBytes } from '../../../../src/journal/sqlite/thread/page.ts'
import { Statements } from '../../../../src/journal/sqlite/thread/statements.ts'
import { temporaryDirectory } from '../fixture.ts'

const sizes = [3, 4, 5, 0]
const page = (rows: number, bytes: number) => takePage(sizes, { rows, bytes }, (size) => size)

test('a page ends before the row that is too many or too much, and has one row whatever its size', () => {
  expect(page(9, 12)).toEqual({ rows: sizes, more: false })
  expect(page(4, 12)).toEqual({ rows: sizes, more: false })
  expect(page(3, 12)).toEqual({ rows: [3, 4, 5], more: true })
  expect(page(9, 11)).toEqual({ rows: [3, 4], more: true })
  expect(page(9, 1)).toEqual({ rows: [3], more: true })
})

test('text counts as what it takes on disk', () => {
  expect(textBytes(['a', 'ä', '🪰', null, 7])).toBe(7)
})

test('a page that ends early does not hold up the log', () => {
  const place = temporaryDirectory()
  const writer = openForWriting(place.files.database)
  writer.exec('CREATE TABLE t (a TEXT); INSERT INTO t VALUES (1), (2), (3)')
  const reader = openForReading(place.files.database)
  const statements = new Statements(reader)
  takePage(statements.rows('SELECT a FROM t'), { rows: 1, bytes: 1 }, textBytes)
  takePage(statements.prepare('SELECT a FROM t').iterate(), { rows: 1, bytes: 1 }, () => 1)
  writer.exec('INSERT INTO t VALUES (4)')
  expect(writer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 })
  reader.close()
  writer.close()
  place.remove()
})
