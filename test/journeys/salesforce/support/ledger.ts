/** Which cells were played, in a file, so that a long run goes on where an earlier one has stopped. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'

export interface Entry {
  readonly cell: string
  /** See Played. */
  readonly hasHappened: boolean
  readonly flaws: readonly string[]
  readonly seconds: number
}

/** One line of JSON each. Without a file nothing is read or written. */
export class Ledger {
  readonly #file: string | undefined

  constructor(file: string | undefined) {
    this.#file = file
  }

  /** Names of the cells that are in it, and of those that have proved something. */
  read(): { readonly tried: ReadonlySet<string>; readonly played: ReadonlySet<string> } {
    const text = this.#file && existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    const lines = text.split('\n').filter((line) => line !== '')
    const entries = lines.map((line) => JSON.parse(line) as Entry)
    const played = entries.filter(({ hasHappened }) => hasHappened)
    return { tried: new Set(entries.map(({ cell }) => cell)), played: new Set(played.map(({ cell }) => cell)) }
  }

  write(entry: Entry): void {
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(entry)}\n`)
  }
}
