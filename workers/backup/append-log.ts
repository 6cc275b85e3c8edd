/** A file that only grows. A checkpoint names its length; what came after it is cut off by the attempt that goes on. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'

export class AppendLog {
  readonly path: string
  readonly #file: number
  #bytes: number

  constructor(path: string, bytes: number) {
    this.path = path
    this.#file = openSync(path, 'a', 0o600)
    ftruncateSync(this.#file, bytes)
    this.#bytes = bytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** On disk once the checkpoint that names its length is: that syncs the directory that it lies in. */
  add(text: string): void {
    if (text !== '') this.#bytes += writeSync(this.#file, text)
  }

  close(): void {
    closeSync(this.#file)
  }
}
