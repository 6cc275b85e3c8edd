import { type Dirent, mkdirSync, readdirSync } from 'node:fs'
import { lstat, opendir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from './remove.ts'

/** The directories of one worker, named by it: made before it is born, gone before its attempt has settled. */
export interface Workspace {
  /** Where the task works: its current directory. */
  readonly work: string
  readonly home: string
  readonly tmp: string
}

/** Names that we make; nothing else under the root is ever touched. */
const workerPattern = /^[A-Za-z0-9_-]{22}$/
const privately = { mode: 0o700 }
const parts = ['work', 'home', 'tmp'] as const

export class Workspaces {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, ...privately })
  }

  create(worker: string): Workspace {
    const path = join(this.#root, worker)
    mkdirSync(path, privately)
    for (const part of parts) mkdirSync(join(path, part), privately)
    return { work: join(path, 'work'), home: join(path, 'home'), tmp: join(path, 'tmp') }
  }

  /** Removes everything of a worker; false when not all of it would go. Call it when nothing of its tree lives any more. */
  async remove(worker: string): Promise<boolean> {
    const path = join(this.#root, worker)
    return (await removeEmpty(path)) || removeTree(path)
  }

  /** Where a worker puts what its task wants to keep; there only if it did. */
  artifactsOf(worker: string): string {
    return join(this.#root, worker, 'artifacts')
  }

  /** Workers whose workspace is still there. */
  leftover(): string[] {
    return readdirSync(this.#root).filter((name) => workerPattern.test(name))
  }

  /** Bytes on disk of a worker's files; stops counting above `atMostBytes`. */
  async measure(worker: string, atMostBytes: number): Promise<number> {
    let bytes = 0
    for await (const path of walk(Buffer.from(join(this.#root, worker)))) {
      bytes += await bytesOf(path)
      if (bytes > atMostBytes) break
    }
    return bytes
  }
}

/** The common case in four calls: the task left nothing. */
async function removeEmpty(path: string): Promise<boolean> {
  try {
    await Promise.all(parts.map((part) => rmdir(join(path, part))))
    await rmdir(path)
    return true
  } catch {
    return false
  }
}

/** Every path below a directory, links not followed. What vanishes meanwhile is passed over. */
async function* walk(directory: Buffer): AsyncGenerator<Buffer> {
  const entries = await entriesOf(directory).catch(() => undefined)
  if (!entries) return
  for await (const entry of entries) {
    const path = Buffer.concat([directory, slash, entry.name])
    yield path
    if (entry.isDirectory()) yield* walk(path)
  }
}

/** With names as bytes, because they need not be text. */
async function entriesOf(directory: Buffer): Promise<AsyncIterable<Dirent<Buffer>>> {
  // Node's types do not know of this encoding, though Node does.
  const entries: unknown = await opendir(directory, { encoding: 'buffer' as BufferEncoding })
  return entries as AsyncIterable<Dirent<Buffer>>
}

const slash = Buffer.from('/')
const blockBytes = 512

async function bytesOf(path: Buffer): Promise<number> {
  const stat = await lstat(path).catch(() => undefined)
  return stat ? stat.blocks * blockBytes : 0
}
