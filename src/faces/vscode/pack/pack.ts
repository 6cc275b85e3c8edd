import { Zip, ZipDeflate } from 'fflate'
import type { Rules } from './rules.ts'
import { type Folder, filesIn } from './walk.ts'

export interface Packed {
  readonly archive: Blob
  readonly files: number
}

export interface PackOptions {
  readonly signal: AbortSignal
  /** Told for each file: so many of so many are packed. */
  readonly onFile?: (done: number, total: number) => void
  readonly mostBytes?: number
}

const defaultMostBytes = 256 * 1024 * 1024

/** A folder as a zip. Throws, in a sentence, where there is nothing to pack or too much. */
export async function pack(folder: Folder, rules: Rules, options: PackOptions): Promise<Packed> {
  const { signal, onFile, mostBytes = defaultMostBytes } = options
  const files = await filesIn(folder, rules, signal)
  if (files.length === 0)
    throw new Error('there is no file to send: look at .gitignore and the setting “mayfly.exclude”')
  const zip = new Zipped()
  let bytes = 0
  for (const [done, file] of files.entries()) {
    signal.throwIfAborted()
    const content = await folder.read(file)
    bytes += content.length
    if (bytes > mostBytes) throw new Error(tooLarge(mostBytes))
    zip.add(file, content)
    onFile?.(done + 1, files.length)
  }
  return { archive: zip.end(), files: files.length }
}

function tooLarge(mostBytes: number): string {
  const most = Math.floor(mostBytes / 1024 / 1024)
  return `the files have more than ${most} MiB together: leave some out with .gitignore or the setting “mayfly.exclude”`
}

/** Grows file by file, so that never more than one of them is there unpacked. */
class Zipped {
  readonly #parts: Uint8Array<ArrayBuffer>[] = []
  readonly #zip = new Zip((error, part) => {
    if (error) throw error
    this.#parts.push(part as Uint8Array<ArrayBuffer>)
  })

  add(path: string, content: Uint8Array): void {
    const entry = new ZipDeflate(path, { level: 6 })
    this.#zip.add(entry)
    entry.push(content, true)
  }

  end(): Blob {
    this.#zip.end()
    return new Blob(this.#parts, { type: 'application/zip' })
  }
}
