import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Row, SqlValue } from '../columns.ts'

const limit = 200

/** Compiles each statement once. What moves change comes in few combinations; the limit is for the unforeseen. */
export class Statements {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known) return known
    if (this.#prepared.size >= limit) this.#prepared.clear()
    const statement = this.#db.prepare(sql)
    this.#prepared.set(sql, statement)
    return statement
  }

  /** Rows as arrays, one after the other. */
  rows(sql: string, ...values: readonly SqlValue[]): Iterable<Row> {
    const statement = this.prepare(sql)
    statement.setReturnArrays(true)
    return statement.iterate(...values) as Iterable<unknown> as Iterable<Row>
  }
}
