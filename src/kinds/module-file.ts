import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

/** The file of a kind's code, and what is in it now. */
export class ModuleFile {
  readonly #path: string
  #known: { readonly stamp: string; readonly hash: string } | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** SHA-256 in hex, read again only when the file was touched; null when it cannot be read. */
  hash(): string | null {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (this.#known?.stamp !== stamp) this.#known = { stamp, hash: hash('sha256', readFileSync(this.#path)) }
      return this.#known.hash
    } catch {
      return null
    }
  }
}
