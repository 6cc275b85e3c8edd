import { closeSync, constants, mkdirSync, openSync, readdirSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Meter } from './meter.ts'
import { checkTarget, partsOf } from './names.ts'
import { shown, Unpackable } from './refuse.ts'

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants

/**
 * Where an archive is unpacked to. It begins empty, and links are made last: while files are written there is none to
 * be led astray by.
 */
export class Destination {
  readonly #root: string
  readonly #meter: Meter
  readonly #directories = new Set<string>()
  readonly #links = new Map<string, { readonly parts: readonly string[]; readonly target: string }>()

  constructor(root: string, meter: Meter) {
    this.#root = root
    this.#meter = meter
    mkdirSync(root, { recursive: true })
    if (readdirSync(root).length > 0) throw new Unpackable('the archive is not unpacked: its directory is not empty')
  }

  directory(name: string): void {
    this.#makeDirectories(partsOf(name))
  }

  async file(name: string, isExecutable: boolean, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const parts = partsOf(name)
    if (parts.length === 0) throw new Unpackable('the archive is refused: it has a file without a name')
    this.#makeDirectories(parts.slice(0, -1))
    this.#meter.addEntry()
    this.#links.delete(parts.join('/'))
    const file = this.#create(parts, isExecutable ? 0o700 : 0o600)
    try {
      for await (const chunk of chunks) {
        this.#meter.addBytes(chunk.length)
        for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written)
      }
    } finally {
      closeSync(file)
    }
  }

  link(name: string, target: string): void {
    const parts = partsOf(name)
    checkTarget(parts, target)
    this.#makeDirectories(parts.slice(0, -1))
    this.#meter.addEntry()
    this.#links.set(parts.join('/'), { parts, target })
  }

  /** Makes the links; nothing may be added after this. */
  finish(): void {
    for (const { parts, target } of this.#links.values()) this.#clash(parts, (path) => symlinkSync(target, path))
  }

  /** An entry that comes again replaces the one before, as archives mean it that were appended to. */
  #create(parts: readonly string[], mode: number): number {
    const create = (path: string) => openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
    try {
      return create(this.#pathOf(parts))
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
      return this.#clash(parts, (path) => {
        rmSync(path)
        return create(path)
      })
    }
  }

  #makeDirectories(parts: readonly string[]): void {
    for (let depth = 1; depth <= parts.length; depth++) this.#makeDirectory(parts.slice(0, depth))
  }

  #makeDirectory(parts: readonly string[]): void {
    const name = parts.join('/')
    if (this.#directories.has(name)) return
    this.#meter.addEntry()
    this.#clash(parts, (path) => {
      mkdirSync(path, { recursive: false, mode: 0o700 })
    })
    this.#directories.add(name)
  }

  /** Two entries that cannot both be there, such as a file and a directory of one name. */
  #clash<T>(parts: readonly string[], make: (path: string) => T): T {
    const path = this.#pathOf(parts)
    try {
      return make(path)
    } catch (error) {
      if (!clashes.includes(codeOf(error) ?? '')) throw error
      throw new Unpackable(`the archive is refused: its entry ${shown(parts.join('/'))} is there twice, as two things`)
    }
  }

  #pathOf(parts: readonly string[]): string {
    return join(this.#root, ...parts)
  }
}

const clashes = ['EEXIST', 'EISDIR', 'ENOTDIR', 'ERR_FS_EISDIR']

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}
