import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from './sync.ts'

/** What was written. */
export interface Written {
  readonly bytes: number
  /** Hexadecimal. */
  readonly sha256: string
}

const privately = { mode: 0o700 }
const newFile = { flags: 'wx', mode: 0o600 } as const

/** Uploads at rest: a directory for each tenant, files named by their ids. Which of them count, the journal says. */
export class UploadStore {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
    mkdirSync(root, { recursive: true, ...privately })
  }

  pathOf(tenant: string, id: string): string {
    return join(this.#root, tenant, id)
  }

  /** Resolves when all bytes are on disk. Whatever goes wrong, nothing of it stays. */
  async write(tenant: string, id: string, chunks: AsyncIterable<Uint8Array>): Promise<Written> {
    const directory = join(this.#root, tenant)
    await mkdir(directory, { recursive: true, ...privately })
    try {
      const written = await fill(await open(this.pathOf(tenant, id), newFile.flags, newFile.mode), chunks)
      await syncDirectory(directory)
      await syncDirectory(this.#root)
      return written
    } catch (error) {
      await this.remove(tenant, id)
      throw error
    }
  }

  async remove(tenant: string, id: string): Promise<void> {
    await rm(this.pathOf(tenant, id), { force: true })
  }

  /** Files that are there, whole or not. */
  list(): { tenant: string; id: string }[] {
    return readdirSync(this.#root).flatMap((tenant) =>
      readdirSync(join(this.#root, tenant)).map((id) => ({ tenant, id })),
    )
  }

  /** What is left on the disk. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#root)
    return bavail * bsize
  }
}

async function fill(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of chunks) {
      hash.update(chunk)
      await writeWhole(file, chunk)
      bytes += chunk.length
    }
    await file.sync()
    return { bytes, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, written)
    written += bytesWritten
  }
}
