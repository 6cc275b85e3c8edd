import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

const bytesPerMiB = 1024 * 1024
/** What opening needs at most: the log's index, and a little log. */
const openingBytes = bytesPerMiB
/** What it needs after a stop on a full disk: the index is there, and the log grows by a page or two. */
const lastBytes = 256 * 1024

/**
 * Disk space kept back by files, so that there is some to give when the disk is full: the most of it to what must be
 * written then, and a little that nobody gets but the next start.
 */
export class Reserve {
  readonly #path: string
  readonly #lastPath: string
  readonly #bytes: number

  constructor(path: string, mib: number) {
    this.#path = path
    this.#lastPath = `${path}-start`
    this.#bytes = mib * bytesPerMiB
  }

  /** True when the whole reserve lies on the disk, now or already; otherwise there is none to give. */
  async create(): Promise<boolean> {
    try {
      await keep(this.#lastPath, lastBytes)
      await keep(this.#path, this.#bytes)
      return true
    } catch {
      this.release()
      return false
    }
  }

  /** At once: whoever needs the room has been stopped by its lack. */
  release(): void {
    rmSync(this.#path, { force: true })
  }

  /** Gives itself away when without it there is too little room to open the journal. */
  async yieldIfTight(): Promise<void> {
    if (await this.#isTight()) this.release()
    if (await this.#isTight()) rmSync(this.#lastPath, { force: true })
  }

  async #isTight(): Promise<boolean> {
    const { bavail, bsize } = await statfs(dirname(this.#path))
    return bavail * bsize < openingBytes
  }
}

/** A file of so many bytes is there afterwards, or it throws and leaves nothing. */
async function keep(path: string, bytes: number): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.size === bytes) return
  try {
    await write(path, bytes)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  }
}

async function write(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    // Random, since a file system that compresses would keep no room for zeros.
    const chunk = randomBytes(Math.min(bytesPerMiB, bytes))
    for (let written = 0; written < bytes; written += chunk.length) await file.writeFile(chunk)
    await file.datasync()
  } finally {
    await file.close()
  }
}
