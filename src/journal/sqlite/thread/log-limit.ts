import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { failureOf, isObstacle } from '../failures.ts'

const defaultLimitBytes = 64 * 1024 * 1024

/**
 * SQLite folds its log into the database by itself, but starts it afresh only in a moment without readers. Where such a
 * moment does not come by chance, this makes one.
 */
export class LogLimit {
  readonly #db: DatabaseSync
  readonly #wal: string
  readonly #limitBytes: number
  #nextBytes: number
  #isWished = false

  constructor(db: DatabaseSync, wal: string, limitBytes = defaultLimitBytes) {
    this.#db = db
    this.#wal = wal
    this.#limitBytes = limitBytes
    this.#nextBytes = limitBytes
  }

  /** Has it start afresh with the next commit, however short it is. */
  wish(): void {
    this.#isWished = true
  }

  keep(): void {
    const bytes = statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0
    if (bytes < (this.#isWished ? 1 : this.#nextBytes)) return
    // Waiting for a reader holds up every write, so a reader that stays is asked again only after as much again.
    const isAfresh = this.#startAfresh()
    this.#nextBytes = isAfresh ? this.#limitBytes : bytes + this.#limitBytes
    if (isAfresh) this.#isWished = false
  }

  /** What is in the log is safe there: that it cannot be copied now is not the trouble of who wrote it. */
  #startAfresh(): boolean {
    try {
      return this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0
    } catch (error) {
      if (isObstacle(failureOf(error))) return false
      throw error
    }
  }
}
