import type { DatabaseSync, StatementSync } from 'node:sqlite'

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
}
