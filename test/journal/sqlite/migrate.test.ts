import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openForWriting } from '../../../src/journal/sqlite/connection.ts'
import { establish } from '../../../src/journal/sqlite/instance.ts'
import { migrate, schemaVersion } from '../../../src/journal/sqlite/migrate.ts'
import { migrations } from '../../../src/journal/sqlite/migrations/migrations.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { sampleEvent, sampleTask } from '../../contracts/samples.ts'
import { openIn, temporaryDirectory } from './fixture.ts'

const first = { version: 1, sql: 'CREATE TABLE one (a)' }
const second = { version: 2, sql: 'CREATE TABLE two (a)' }
const failing = { version: 3, sql: 'CREATE TABLE three (a); INSERT INTO nowhere VALUES (1)' }

describe('migrations', () => {
  let place: ReturnType<typeof temporaryDirectory>

  beforeEach(() => {
    place = temporaryDirectory()
  })
  afterEach(() => place.remove())

  test('are numbered from 1 without holes', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1))
  })

  test('run once each, in their order', () => {
    const db = openForWriting(place.files.database)
    migrate(db, [first])
    migrate(db, [first, second])
    migrate(db, [first, second])
    expect([schemaVersion(db), tables(db)]).toEqual([2, ['one', 'two']])
    db.close()
  })

  test('leave the database as it was when one fails', () => {
    const db = openForWriting(place.files.database)
    migrate(db, [first, second])
    expect(() => migrate(db, [first, second, failing])).toThrow('nowhere')
    expect([schemaVersion(db), tables(db)]).toEqual([2, ['one', 'two']])
    db.close()
  })

  test('bring a journal of the first version to the newest, with all that is in it', async () => {
    establish(place.files, migrations.slice(0, 1), systemClock)
    const db = openForWriting(place.files.database)
    db.exec('INSERT INTO boot (pid, started_at) VALUES (1, 1)')
    db.close()
    const journal = await openIn(place.directory)
    const once = { key: 'k', fingerprint: 'f', until: Number.MAX_SAFE_INTEGER }
    expect(await journal.add(sampleTask(), sampleEvent(), once)).toEqual({ added: true })
    await journal.close()
    const upgraded = openForWriting(place.files.database)
    expect([schemaVersion(upgraded), upgraded.prepare('SELECT count(*) AS boots FROM boot').get()?.boots]).toEqual([
      migrations.length,
      2,
    ])
    upgraded.close()
  })

  test('that fail at a start are said, and the version before still opens the journal', async () => {
    await (await openIn(place.directory)).close()
    const next = { ...failing, version: migrations.length + 1 }
    expect(() => establish(place.files, [...migrations, next], systemClock)).toThrow('It is as it was')
    await (await openIn(place.directory)).close()
  })
})

function tables(db: ReturnType<typeof openForWriting>) {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name)
}
