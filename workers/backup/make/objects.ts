/** The rows of the objects, in lanes. One that fails for good does not stop the others. */
import { createReadStream, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from '../../salesforce/describe.ts'
import { SalesforceError } from '../../salesforce/errors.ts'
import { toLine } from '../csv.ts'
import { checkedCsv, MalformedCsv } from '../csv-check.ts'
import { columnsOf, type Described, stampOf } from '../fields.ts'
import type { ObjectEntry, StoredFile } from '../manifest.ts'
import { writeSealed } from '../sealed.ts'
import { deletedWindow, type Window } from '../window.ts'
import { bulkFromRows, rawFileOf } from './begin.ts'
import { fetchByJob, forgetJob, withoutRows } from './bulk.ts'
import { inLanes } from './lanes.ts'
import { type Counted, pagesOf } from './pages.ts'
import { fitsUrl, queryOf } from './query.ts'
import { type Entry, entryOf, type PlannedObject, readEntry, type Work, writeEntry } from './work.ts'

const usualLanes = 4
/** Attempts in which the org may answer that it cannot, before an object is given up. */
const mostTries = 3

export async function exportObjects(work: Work): Promise<void> {
  const { plan, context, report } = work
  await inLanes(plan.objects, context.input.parallel ?? usualLanes, async (object) => {
    const entry = readEntry<Entry>(work.place, entryOf(object.name)) ?? (await exportOrFail(work, object))
    report.finished(object.name, 'failed' in entry ? 0 : entry.rows)
  })
}

async function exportOrFail(work: Work, object: PlannedObject): Promise<Entry> {
  const { name } = object
  await mkdir(join(work.place, 'objects', name), { recursive: true, mode: 0o700 })
  const entry = await exportObject(work, object).catch((error: unknown) => failedEntry(work, name, error))
  await writeEntry(work.place, entryOf(name), entry)
  await forget(work, name)
  return entry
}

/** The checkpoint holds what is under way, and no more. */
async function forget(work: Work, name: string): Promise<void> {
  const { [name]: state, ...objects } = work.memory.value.objects
  rmSync(rawFileOf(work.context, name), { force: true })
  if (!state) return
  await forgetJob(work, state)
  await work.memory.change({ objects })
}

/** Rethrows what concerns more than this object, and what may go better in another attempt. */
export async function failedEntry({ context, memory }: Work, name: string, error: unknown): Promise<Entry> {
  if (!(error instanceof SalesforceError) || error.class === 'NETWORK_TRANSIENT' || context.signal.aborted) throw error
  const tries = (memory.value.tries[name] ?? 0) + 1
  if (error.retryable && tries < mostTries) {
    await memory.change({ tries: { ...memory.value.tries, [name]: tries } })
    throw error
  }
  context.log.warn(`${name} is not in the backup: ${error.message}`)
  return { failed: error.message }
}

async function exportObject(work: Work, object: PlannedObject): Promise<ObjectEntry> {
  const { org, place, wrapping, context } = work
  const { name } = object
  const described = await describe<Described>(org, name)
  const columns = columnsOf(described)
  if (!columns.includes('Id')) {
    const place = { org: org.alias, step: `reading what ${name} is made of` }
    throw new SalesforceError({ message: 'its user must not see the Id of its rows' }, place, { as: 'VALIDATION' })
  }
  const stamp = stampOf(described)
  const window = stamp === undefined ? null : windowOf(work)
  const schema = await writeSealed([JSON.stringify(described)], place, `objects/${name}/schema.json`, wrapping)
  const { data, rows } = await exportRows(work, object, queryOf(name, columns, stamp, window), columns)
  const deleted = window && object.replicateable ? await exportDeleted(work, name, window) : undefined
  const mode = window ? 'incremental' : 'full'
  context.log.debug(`${name}: ${rows} rows`)
  return { rows, columns, mode, data, schema, ...(deleted && { deleted }) }
}

function windowOf({ memory }: Work): Window | null {
  const { from, to } = memory.value
  return from === null ? null : { from, to }
}

interface Rows {
  readonly data: StoredFile
  readonly rows: number
}

/** What has begun as a job goes on as one. */
async function exportRows(
  work: Work,
  { name, rows }: PlannedObject,
  soql: string,
  columns: readonly string[],
): Promise<Rows> {
  const isLarge = rows >= bulkFromRows && work.memory.value.from === null
  const isJob = work.memory.value.objects[name] !== undefined || isLarge || !fitsUrl(soql)
  if (!isJob) return rowsByPages(work, name, soql, columns)
  try {
    return await rowsByJob(work, name, soql)
  } catch (error) {
    if (!(error instanceof SalesforceError) || !isNotForBulk(error)) throw error
    work.context.log.info(`${name} is read page by page: ${error.salesforceMessage}`)
    return rowsByPages(work, name, soql, columns)
  }
}

async function rowsByPages(work: Work, name: string, soql: string, columns: readonly string[]): Promise<Rows> {
  const { org, place, wrapping, context } = work
  const counted: Counted = { rows: 0 }
  const source = pagesOf(org, [soql], columns, counted, `reading rows of ${name}`)
  const data = await writeSealed(source, place, dataOf(name), wrapping, context.signal)
  return { data, rows: counted.rows }
}

async function rowsByJob(work: Work, name: string, soql: string): Promise<Rows> {
  const { place, wrapping, context } = work
  const { file, records: rows } = await fetchByJob(work, name, soql)
  const checked = { records: 0 }
  const source = checkedCsv(createReadStream(file), checked)
  try {
    const data = await writeSealed(source, place, dataOf(name), wrapping, context.signal)
    if (checked.records === rows) return { data, rows }
    throw new MalformedCsv(`${rows} records were announced, ${checked.records} came`)
  } catch (error) {
    if (error instanceof MalformedCsv) throw await malformed(work, name, error)
    throw error
  }
}

/** What came is thrown away; the job is there yet, and the next attempt fetches its rows again. */
async function malformed({ org, memory }: Work, name: string, { message }: MalformedCsv): Promise<SalesforceError> {
  const { [name]: state, ...others } = memory.value.objects
  if (state) await memory.change({ objects: { ...others, [name]: withoutRows(state) } })
  const place = { org: org.alias, step: `fetching rows of ${name}` }
  return new SalesforceError({ code: 'MALFORMED_CSV', message }, place, { as: 'SERVER_TRANSIENT' })
}

const dataOf = (name: string) => `objects/${name}/rows.csv`

function isNotForBulk({ salesforceCode = '', salesforceMessage }: SalesforceError): boolean {
  return (
    /^(?:INVALIDENTITY|FEATURENOTENABLED|API_ERROR)$/.test(salesforceCode) || /not supported/i.test(salesforceMessage)
  )
}

interface Deleted {
  readonly deletedRecords: readonly { readonly id: string }[]
}

/** Rows that have left the recycle bin, too, are no longer seen by a query. */
async function exportDeleted({ org, place, wrapping }: Work, name: string, window: Window) {
  const span = deletedWindow(window)
  if (!span) return
  const [start, end] = [span.from, span.to].map((ms) => encodeURIComponent(new Date(ms).toISOString()))
  const step = `asking what was deleted of ${name}`
  const path = `/sobjects/${name}/deleted/?start=${start}&end=${end}`
  const { deletedRecords } = await org.request<Deleted>(path, { step })
  const lines = [toLine(['Id']), ...deletedRecords.map(({ id }) => toLine([id]))]
  return { ...(await writeSealed(lines, place, `objects/${name}/deleted.csv`, wrapping)), rows: deletedRecords.length }
}
