import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openForWriting } from '../../../../src/journal/sqlite/connection.ts'
import { migrate } from '../../../../src/journal/sqlite/migrate.ts'
import { migrations } from '../../../../src/journal/sqlite/migrations/migrations.ts'
import { giveKey } from '../../../../src/journal/sqlite/thread/keys.ts'
import { Statements } from '../../../../src/journal/sqlite/thread/statements.ts'
import { temporaryDirectory } from '../fixture.ts'

let place: ReturnType<typeof temporaryDirectory>
let db: DatabaseSync

beforeEach(() => {
  place = temporaryDirectory()
  db = openForWriting(place.files.database)
  migrate(db, migrations)
})
afterEach(() => {
  db.close()
  place.remove()
})

const count = () => Number(db.prepare('SELECT count(*) AS keys FROM idempotency_key').get()?.keys)

test('expired keys are forgotten a few at a time, the oldest first, and no other', () => {
  const statements = new Statements(db)
  const give = (key: string, now: number, until: number) =>
    giveKey(statements, 1, { tenant: 'acme', key, fingerprint: 'f', now, until })
  for (let until = 1; until <= 100; until++) give(`k${until}`, 0, until)
  expect(count()).toBe(100)
  give('next', 50, 200)
  expect(count()).toBe(101 - 8)
  expect(db.prepare('SELECT min(until) AS until FROM idempotency_key').get()?.until).toBe(9)
  for (let index = 0; index < 10; index++) give(`later${index}`, 50, 200)
  expect(count()).toBe(50 + 11)
})

test('expired keys are found by an index', () => {
  const plan = db.prepare('EXPLAIN QUERY PLAN SELECT tenant, key FROM idempotency_key WHERE until <= ? LIMIT 8').all(1)
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('idempotency_key_until')])
})
