/**
 * The map from old ids to new ones as a file that only grows, `old,new` a line: what a restore has done so far, whatever
 * happens to its process. A checkpoint names its length; what came after it is not yet done.
 */
import { closeSync, createReadStream, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { IdMap } from './id-table.ts'
import { longId } from './ids.ts'

const lineBytes = 2 * 18 + 2

export class IdLog {
  readonly map = new IdMap()
  readonly #file: number
  #bytes = 0

  private constructor(file: number) {
    this.#file = file
  }

  /** As a checkpoint left it: longer than `bytes` it is cut, shorter it is damaged. */
  static async open(path: string, bytes: number): Promise<IdLog> {
    const log = new IdLog(openSync(path, 'a+', 0o600))
    ftruncateSync(log.#file, bytes)
    log.#bytes = bytes
    if (bytes > 0) await log.#read(path)
    return log
  }

  async #read(path: string): Promise<void> {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const [from = '', to = ''] = line.split(',')
      this.map.set(from, to)
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  /** On disk when this returns. */
  add(pairs: readonly (readonly [from: string, to: string])[]): void {
    if (pairs.length === 0) return
    const text = pairs.map(([from, to]) => `${longId(from)},${longId(to)}\n`).join('')
    if (text.length !== pairs.length * lineBytes) throw new Error('an id has neither 15 nor 18 characters')
    writeSync(this.#file, text)
    fsyncSync(this.#file)
    this.#bytes += text.length
    for (const [from, to] of pairs) this.map.set(from, to)
  }

  close(): void {
    closeSync(this.#file)
  }
}
