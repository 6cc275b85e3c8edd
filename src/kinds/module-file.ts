import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import type { ModuleText } from '../protocol/messages.ts'

/** Of a longer one the pipe of a worker would not take all at once. */
const mostTextBytes = 48 * 1024

interface Known {
  readonly stamp: string
  readonly hash: string
  /** As UTF-8; undefined when it is too long to be told. */
  readonly source: string | undefined
}

/** The file of a kind's code, and what is in it now. */
export class ModuleFile {
  readonly #path: string
  /** What it was when it was found to be an ECMAScript module; undefined when it is none. */
  readonly #asModule: string | undefined
  #known: Known | undefined

  constructor(path: string, isModule: boolean) {
    this.#path = path
    this.#asModule = isModule ? stampOf(path) : undefined
  }

  /** SHA-256 in hex, read again only when the file was touched; null when it cannot be read. */
  hash(): string | null {
    const stamp = stampOf(this.#path)
    if (this.#known?.stamp !== stamp) this.#known = stamp === undefined ? undefined : this.#read(stamp)
    return this.#known?.hash ?? null
  }

  /**
   * What the last hash is of, for a worker that is to load just that. Undefined for what is long, is no ECMAScript module
   * or was touched since it was one: Node has to look at it itself.
   */
  text(): ModuleText | undefined {
    const { stamp, source } = this.#known ?? {}
    if (source === undefined || stamp !== this.#asModule) return undefined
    return { source, format: /\.m?ts$/.test(this.#path) ? 'module-typescript' : 'module' }
  }

  #read(stamp: string): Known | undefined {
    try {
      const bytes = readFileSync(this.#path)
      const source = bytes.length <= mostTextBytes ? bytes.toString() : undefined
      return { stamp, hash: hash('sha256', bytes), source }
    } catch {
      return undefined
    }
  }
}

/** Another whenever the file was touched; undefined when it cannot be looked at. */
function stampOf(path: string): string | undefined {
  const stats = lookAt(path)
  return stats && `${stats.mtimeMs} ${stats.size} ${stats.ino}`
}

function lookAt(path: string) {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}
