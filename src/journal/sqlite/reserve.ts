import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

const bytesPerMiB = 1024 * 1024
/** What opening needs at most: the log's index, and a little log. */
const openingBytes = bytesPerMiB

/** Disk space kept back by a file, so that there is some to give when the disk is full. */
export class Reserve {
  readonly #path: string
  readonly #bytes: number

  constructor(path: string, mib: number) {
    this.#path = path
    this.#bytes = mib * bytesPerMiB
  }

  /** True when the whole reserve lies on the disk, now or already; otherwise nothing of it does. */
  async create(): Promise<boolean> {
    if (await this.#isWhole()) return true
    try {
      await this.#write()
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
    const { bavail, bsize } = await statfs(dirname(this.#path))
    if (bavail * bsize < openingBytes) this.release()
  }

  async #isWhole(): Promise<boolean> {
    const there = await stat(this.#path).catch(() => undefined)
    return there?.size === this.#bytes
  }

  async #write(): Promise<void> {
    const file = await open(this.#path, 'w', 0o600)
    try {
      // Random, since a file system that compresses would keep no room for zeros.
      const chunk = randomBytes(Math.min(bytesPerMiB, this.#bytes))
      for (let written = 0; written < this.#bytes; written += chunk.length) await file.writeFile(chunk)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}
