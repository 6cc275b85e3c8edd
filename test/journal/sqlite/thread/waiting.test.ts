import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openForWriting } from '../../../../src/journal/sqlite/connection.ts'
import { migrate } from '../../../../src/journal/sqlite/migrate.ts'
import { migrations } from '../../../../src/journal/sqlite/migrations/migrations.ts'
import { Statements } from '../../../../src/journal/sqlite/thread/statements.ts'
import { waitingQueries } from '../../../../src/journal/sqlite/thread/waiting.ts'
import { temporaryDirectory } from '../fixture.ts'

/** Notes what is prepared. */
class Noted extends Statements {
  readonly sql: string[] = []

  override prepare(sql: string): StatementSync {
    this.sql.push(sql)
    return super.prepare(sql)
  }
}

describe('a look at what waits', () => {
  let place: ReturnType<typeof temporaryDirectory>
  let db: DatabaseSync
  let statements: Noted

  beforeEach(() => {
    place = temporaryDirectory()
    db = openForWriting(place.files.database)
    migrate(db, migrations)
    statements = new Noted(db)
  })
  afterEach(() => {
    db.close()
    place.remove()
  })

  /** How SQLite goes about it, line by line. */
  const plans = () =>
    statements.sql.flatMap((sql) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...Array.from({ length: sql.split('?').length - 1 }, () => null))
        .map(({ detail }) => String(detail)),
    )

  test('goes through the index of lanes, from the place on, without sorting', () => {
    for (const key of ['org-a', null]) {
      const lane = { tenant: 'acme', pool: 'normal', kind: 'lint', key } as const
      waitingQueries['waiting.inLane'](statements, lane, { front: false, turnAt: 0, createdAt: 0, id: '' }, 0, 10)
    }
    expect(new Set(plans())).toEqual(
      new Set([
        expect.stringMatching(
          /^SEARCH task USING INDEX task_in_lane \(tenant=\? AND pool=\? AND kind=\? AND lane_key=\? AND \(rank,turn_at,created_at,id\)>/,
        ),
      ]),
    )
  })

  test('goes through the index of its time', () => {
    waitingQueries['waiting.later'](statements, { at: 0, id: '' }, 10)
    waitingQueries['waiting.expiring'](statements, { at: 0, id: '' }, 10)
    expect(plans()).toEqual([
      expect.stringMatching(/^SEARCH task USING INDEX task_later \(\(not_before,id\)>/),
      expect.stringMatching(/^SEARCH task USING INDEX task_expiring \(\(expires_at,id\)>/),
    ])
  })
})
