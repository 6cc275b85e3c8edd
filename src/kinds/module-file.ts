import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { ModuleText } from '../protocol/messages.ts'

/** The file of a kind's code, and what is in it now. */
export class ModuleFile {
  readonly #path: string
  readonly #read: ModuleText | undefined
  #known: { readonly stamp: string; readonly hash: string } | undefined

  /** `read` is what it said when its kind was read; undefined where a worker has to look for it. */
  constructor(path: string, read?: ModuleText) {
    this.#path = path
    this.#read = read
  }

  /** SHA-256 in hex, read again only when the file was touched; null when it cannot be read. */
  hash(): string | null {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (this.#known?.stamp !== stamp) this.#known = { stamp, hash: hash('sha256', readFileSync(this.#path)) }
      return this.#known.hash
    } catch {
      this.#known = undefined
      return null
    }
  }

  /** JavaScript, for a worker that is to evaluate just what the last hash is of; undefined where that is not known. */
  text(): string | undefined {
    return this.#read?.hash === this.#known?.hash ? this.#read?.source : undefined
  }
}
