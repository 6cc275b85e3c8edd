import { createHash, type Hash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { newWorkerId } from '../system/ids.ts'

/** What a start made of code: files, and what it says of them. */
interface Made {
  readonly files: readonly (readonly [path: string, bytes: Uint8Array])[]
  readonly note: unknown
}

const digestBytes = 32
/** Of as many versions of the code: that of today, and those that go back and forth with it. */
const mostEntries = 4

/**
 * What starts have made of the same code before, each in one file whose name is the fingerprint of all that it was made
 * of: what is found is never of older code. Its own digest is in the file, so that it is never half written either.
 * It lies beside the code: who may write there may as well change the code.
 */
export class Remembered {
  readonly #path: string

  constructor(directory: string, fingerprint: string) {
    this.#path = join(directory, fingerprint)
  }

  /**
   * Lays the files into this directory and returns the note; undefined where none of this code is remembered, or it cannot
   * be laid out: whoever makes it himself puts his own in the place of what of it is there. They are laid out in one go:
   * a hundred small files by promises cost three times the CPU (measured), and nobody is served yet.
   */
  async recall(directory: string): Promise<unknown> {
    try {
      const made = open(await readFile(this.#path))
      if (!made) return undefined
      const parents = new Set(made.files.map(([path]) => dirname(path)))
      for (const parent of parents) mkdirSync(join(directory, parent), { recursive: true, mode: 0o700 })
      for (const [path, content] of made.files) writeFileSync(join(directory, path), content)
      return made.note
    } catch {
      return undefined
    }
  }

  /** Remembers what is in this directory for later starts. Where nothing can be kept, they make it themselves. */
  async keep(directory: string, note: unknown): Promise<void> {
    try {
      const entries = await readdir(directory, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
      const files = paths.map(async (path) => [relative(directory, path), await readFile(path)] as const)
      await this.#write(seal({ files: await Promise.all(files), note }))
    } catch {
      // Code that belongs to somebody else, or lies on a disk that is full or read-only.
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const directory = dirname(this.#path)
    const unfinished = join(directory, `${newWorkerId()}.unfinished`)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    try {
      await writeFile(unfinished, bytes, { mode: 0o600 })
      await rename(unfinished, this.#path)
    } finally {
      await rm(unfinished, { force: true })
    }
    await removeOldest(directory)
  }
}

function seal(made: Made): Uint8Array {
  const body = serialize(made)
  return Buffer.concat([createHash('sha256').update(body).digest(), body])
}

function open(bytes: Buffer): Made | undefined {
  const body = bytes.subarray(digestBytes)
  const digest = createHash('sha256').update(body).digest()
  return digest.equals(bytes.subarray(0, digestBytes)) ? (deserialize(body) as Made) : undefined
}

async function removeOldest(directory: string): Promise<void> {
  const paths = (await readdir(directory)).map((name) => join(directory, name))
  const aged = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })))
  const oldest = aged.sort((a, b) => b.at - a.at).slice(mostEntries)
  await Promise.all(oldest.map(({ path }) => rm(path, { force: true })))
}

/** Of every file at these places, by place and content, and of what else counts. */
export function fingerprintOf(places: readonly string[], terms: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(terms))
  const chunk = Buffer.allocUnsafeSlow(chunkBytes)
  for (const path of places.flatMap(filesAt)) {
    hash.update(`\0${path}\0`)
    hash.update(`\0${addFile(hash, path, chunk)}\0`)
  }
  return hash.digest('hex')
}

/** All through the same: buffers of their own would be 1 MB more at rest. */
const chunkBytes = 64 * 1024

function addFile(hash: Hash, path: string, chunk: Buffer): number {
  const file = openSync(path, 'r')
  try {
    let size = 0
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read))
      size += read
    }
    return size
  } finally {
    closeSync(file)
  }
}

function filesAt(place: string): readonly string[] {
  const stats = statSync(place, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return stats ? [place] : []
  const entries = readdirSync(place, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort()
}
