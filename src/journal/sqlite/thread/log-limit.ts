import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

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

  constructor(db: DatabaseSync, wal: string, limitBytes = defaultLimitBytes) {
    this.#db = db
    this.#wal = wal
    this.#limitBytes = limitBytes
    this.#nextBytes = limitBytes
  }

  keep(): void {
    const bytes = statSync(this.#wal, { throwIfNoEntry: false })?.size ?? 0
    if (bytes < this.#nextBytes) return
    const shortened = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0
    // Waiting for a reader holds up every write, so a reader that stays is asked again only after as much again.
    this.#nextBytes = shortened ? this.#limitBytes : bytes + this.#limitBytes
  }
}
