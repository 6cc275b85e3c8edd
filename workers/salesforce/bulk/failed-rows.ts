/** Rows that Salesforce has refused: those that another try may help go into a new upload, the rest is told as it is. */
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { parse } from 'csv-parse'
import { classifyRow } from '../errors.ts'

export interface Sorting {
  /** Of the failed results of one job, with their header. */
  readonly from: string
  readonly delimiter: string
  /** Whether a row with this error is tried again. */
  readonly isWorthIt: (error: string) => boolean
  readonly failed: Target
  readonly again: Target
}

/** A file that grows at its end, and how much of it counts. */
export interface Target {
  readonly file: string
  readonly bytes: number
}

export interface Sorted {
  readonly failed: Target & { readonly records: number }
  readonly again: Target & { readonly records: number }
}

export function isLocked(error: string): boolean {
  return classifyRow(error) === 'LOCK'
}

/** So many rows are put in order at a time: those of one parent lock each other out when they are apart. */
const maxSorted = 20_000

/** Streams. Whatever stood in the targets behind what counts is gone. */
export async function sortFailed({ from, delimiter, isWorthIt, failed, again }: Sorting): Promise<Sorted> {
  const [told, retried] = await Promise.all([Writer.open(failed, delimiter), Writer.open(again, delimiter)])
  let waiting: { parent: string; row: string[] }[] = []
  const flush = async () => {
    waiting.sort((a, b) => (a.parent < b.parent ? -1 : Number(a.parent > b.parent)))
    for (const { row } of waiting) await retried.write(row)
    waiting = []
  }
  try {
    let columns: Columns | undefined
    for await (const row of createReadStream(from).pipe(parse({ delimiter, bom: true }))) {
      if (!columns) {
        columns = columnsOf(row)
        await told.header(row)
        await retried.header(columns.own.map((index) => row[index]))
        continue
      }
      const error = String(row[columns.error] ?? '')
      if (!isWorthIt(error)) await told.write(row)
      else waiting.push({ parent: parentOf(error), row: columns.own.map((index) => row[index]) })
      if (waiting.length >= maxSorted) await flush()
    }
    await flush()
  } finally {
    await Promise.all([told.close(), retried.close()])
  }
  return { failed: { ...failed, ...told.size }, again: { ...again, ...retried.size } }
}

interface Columns {
  readonly error: number
  /** Those of the upload, without those that Salesforce adds. */
  readonly own: readonly number[]
}

function columnsOf(header: readonly string[]): Columns {
  const own = [...header.keys()].filter((index) => !header[index]?.startsWith('sf__'))
  return { error: header.indexOf('sf__Error'), own }
}

/** The record whose lock could not be had. */
function parentOf(error: string): string {
  return /: ([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)\b/.exec(error)?.[1] ?? ''
}

/** Appends rows, and cuts off first what another attempt has left there. */
class Writer {
  readonly #handle: FileHandle
  readonly #delimiter: string
  #bytes: number
  #records = 0

  private constructor(handle: FileHandle, delimiter: string, bytes: number) {
    this.#handle = handle
    this.#delimiter = delimiter
    this.#bytes = bytes
  }

  static async open({ file, bytes }: Target, delimiter: string): Promise<Writer> {
    const handle = await open(file, bytes === 0 ? 'w' : 'r+')
    await handle.truncate(bytes)
    return new Writer(handle, delimiter, bytes)
  }

  get size(): { bytes: number; records: number } {
    return { bytes: this.#bytes, records: this.#records }
  }

  async header(row: readonly string[]): Promise<void> {
    if (this.#bytes === 0) await this.#append(row)
  }

  async write(row: readonly string[]): Promise<void> {
    await this.#append(row)
    this.#records++
  }

  async #append(row: readonly string[]): Promise<void> {
    const line = `${row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(this.#delimiter)}\n`
    const { bytesWritten } = await this.#handle.write(line, this.#bytes)
    this.#bytes += bytesWritten
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
