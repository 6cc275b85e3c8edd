/**
 * The map from old ids to new ones as a file that only grows, `old,new` a line: what a restore has done so far, whatever
 * happens to its process.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { AppendLog } from './append-log.ts'
import { IdMap, IdSet } from './id-table.ts'
import { longId } from './ids.ts'

const lineBytes = 2 * 18 + 2

export class IdLog {
  readonly map = new IdMap()
  readonly #log: AppendLog

  private constructor(log: AppendLog) {
    this.#log = log
  }

  /** As a checkpoint left it. */
  static async open(path: string, bytes: number): Promise<IdLog> {
    const log = new IdLog(new AppendLog(path, bytes))
    for await (const [from, to] of log.#pairs()) log.map.set(from, to)
    return log
  }

  async *#pairs(): AsyncGenerator<[from: string, to: string]> {
    if (this.bytes === 0) return
    for await (const line of createInterface({ input: createReadStream(this.#log.path) })) {
      const [from = '', to = ''] = line.split(',')
      yield [from, to]
    }
  }

  get bytes(): number {
    return this.#log.bytes
  }

  get path(): string {
    return this.#log.path
  }

  add(pairs: readonly (readonly [from: string, to: string])[]): void {
    const text = pairs.map(([from, to]) => `${longId(from)},${longId(to)}\n`).join('')
    if (text.length !== pairs.length * lineBytes) throw new Error('an id has neither 15 nor 18 characters')
    this.#log.add(text)
    for (const [from, to] of pairs) this.map.set(from, to)
  }

  /** The ids on the right. */
  async made(): Promise<IdSet> {
    const set = new IdSet()
    for await (const [, to] of this.#pairs()) set.add(to)
    return set
  }

  close(): void {
    this.#log.close()
  }
}
