/**
 * The bytes of ContentVersion, Attachment and Document: a call and a file each. A list that only grows says which are on
 * the disk, so that an attempt goes on where the last one was ended.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, truncateSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SalesforceError } from '../../salesforce/errors.ts'
import { TIMEOUTS } from '../../salesforce/timeouts.ts'
import { readIndex, toIndexLine } from '../bodies-index.ts'
import { rowsOf } from '../csv.ts'
import { IdSet } from '../id-table.ts'
import { packId } from '../ids.ts'
import type { BodiesEntry, StoredFile } from '../manifest.ts'
import { measure, readSealed, writeSealed } from '../sealed.ts'
import type { Row } from '../values.ts'
import { bodyFields } from './begin.ts'
import { inLanes } from './lanes.ts'
import { type Entry, entryOf, readEntry, type Work, writeEntry } from './work.ts'

const usualLanes = 4
export const bodiesEntryOf = (object: string) => `bodies/${object}.json`
const indexOf = (object: string) => `bodies/${object}.csv`

export async function exportBodies(work: Work, warn: (sentence: string) => void): Promise<void> {
  for (const object of work.plan.bodies) {
    const entry = readEntry<Entry>(work.place, entryOf(object))
    if (!entry || 'failed' in entry || readEntry(work.place, bodiesEntryOf(object))) continue
    await mkdir(join(work.place, 'bodies', object), { recursive: true, mode: 0o700 })
    await exportBodiesOf(work, object, entry.data, entry.rows, warn)
  }
}

async function exportBodiesOf(
  work: Work,
  object: string,
  data: StoredFile,
  total: number,
  warn: (sentence: string) => void,
): Promise<void> {
  const { context, place, wrapping, report } = work
  const index = new BodyIndex(join(place, `${indexOf(object)}.part`))
  const rows = rowsOf(readSealed(place, data, wrapping.key))
  let seen = 0
  try {
    await inLanes(rows, context.input.parallel ?? usualLanes, async (row) => {
      const { Id: id = '' } = row
      if (!packId(id)) throw new Error(`a row of ${object} has no id`)
      const why = index.has(id) ? 'it is there' : whyNot(row, context.input.files?.maxBytes)
      if (why === undefined) await fetchBody(work, object, id, index, warn)
      else if (why !== 'it is there' && why !== noBody) warn(`the body of ${object} ${id} is not in the backup: ${why}`)
      seen += 1
      report.phase('fetching files', seen, total, 'files', object)
    })
  } finally {
    index.close()
  }
  renameSync(join(place, `${indexOf(object)}.part`), join(place, indexOf(object)))
  const stored = await measure(place, indexOf(object))
  const entry: BodiesEntry = { count: index.count, bytes: index.bytes, index: stored }
  await writeEntry(place, bodiesEntryOf(object), entry)
}

const noBody = 'it has none'

/** Links to files elsewhere, and what is deleted, have no bytes. */
function whyNot({ IsDeleted, ContentUrl, ContentSize, BodyLength }: Row, maxBytes = Infinity): string | undefined {
  if (IsDeleted === 'true' || ContentUrl) return noBody
  const bytes = Number(ContentSize ?? BodyLength ?? 0)
  return bytes > maxBytes ? `its ${bytes} bytes are more than files.maxBytes, ${maxBytes}` : undefined
}

/** Gone meanwhile, or refused: that is a warning. Whatever else is wrong ends the attempt, and the next one goes on. */
async function fetchBody(work: Work, object: string, id: string, index: BodyIndex, warn: (sentence: string) => void) {
  const { org, place, wrapping, context } = work
  const step = `fetching the body of ${object} ${id}`
  const call = org.call(`/sobjects/${object}/${id}/${bodyFields[object]?.field}`, { timeoutMs: TIMEOUTS.large, step })
  // Not more than some thousand in a directory.
  const path = `bodies/${object}/${id.slice(13, 15)}/${id}`
  try {
    const stored = await org.transport.receive(call, (_response, body) =>
      writeSealed(body, place, path, { gzip: false, key: wrapping.key }, context.signal),
    )
    index.add(id, stored)
  } catch (error) {
    if (!(error instanceof SalesforceError) || error.retryable) throw error
    warn(`the body of ${object} ${id} is not in the backup: ${error.message}`)
  }
}

class BodyIndex {
  readonly #done = new IdSet()
  readonly #file: number
  bytes = 0

  constructor(path: string) {
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    if (text !== '') truncateSync(path, text.lastIndexOf('\n') + 1)
    this.#file = openSync(path, 'a', 0o600)
    for (const { id, bytes } of readIndex(text)) this.#count(id, bytes)
  }

  get count(): number {
    return this.#done.size
  }

  has(id: string): boolean {
    return this.#done.has(id)
  }

  /** The body itself is on disk already. */
  add(id: string, stored: StoredFile): void {
    writeSync(this.#file, toIndexLine({ id, ...stored }))
    this.#count(id, stored.bytes)
  }

  close(): void {
    fsyncSync(this.#file)
    closeSync(this.#file)
  }

  #count(id: string, bytes: number): void {
    if (this.#done.add(id)) this.bytes += bytes
  }
}
