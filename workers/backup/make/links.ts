/** ContentDocumentLink, which answers only for documents that the query names. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe } from '../../salesforce/describe.ts'
import { rowsOf } from '../csv.ts'
import { columnsOf, type Described } from '../fields.ts'
import type { ObjectEntry } from '../manifest.ts'
import { readSealed, writeSealed } from '../sealed.ts'
import { failedEntry } from './objects.ts'
import { type Counted, pagesOf } from './pages.ts'
import { type Entry, entryOf, readEntry, type Work, writeEntry } from './work.ts'

export const linkObject = 'ContentDocumentLink'
const documentsPerQuery = 200

/** Of the documents in this backup. None where the org has no such objects, or the files are not asked for. */
export async function exportLinks(work: Work): Promise<void> {
  const { place, plan } = work
  const documents = readEntry<Entry>(place, entryOf('ContentDocument'))
  const isAsked = plan.bodies.includes('ContentVersion')
  if (!isAsked || !documents || 'failed' in documents || readEntry(place, entryOf(linkObject))) return
  await mkdir(join(place, 'objects', linkObject), { recursive: true, mode: 0o700 })
  const entry = await linksOf(work, documents).catch((error: unknown) => failedEntry(work, linkObject, error))
  await writeEntry(place, entryOf(linkObject), entry)
}

async function linksOf({ org, place, wrapping, context }: Work, documents: ObjectEntry): Promise<ObjectEntry> {
  const described = await describe<Described>(org, linkObject)
  const columns = columnsOf(described)
  const schema = await writeSealed([JSON.stringify(described)], place, `objects/${linkObject}/schema.json`, wrapping)
  const counted: Counted = { rows: 0 }
  const soqls = queriesFor(rowsOf(readSealed(place, documents.data, wrapping.key)), columns)
  const source = pagesOf(org, soqls, columns, counted, `reading rows of ${linkObject}`)
  const data = await writeSealed(source, place, `objects/${linkObject}/rows.csv`, wrapping, context.signal)
  return { rows: counted.rows, columns, mode: documents.mode, data, schema }
}

async function* queriesFor(rows: AsyncIterable<Readonly<Record<string, string>>>, columns: readonly string[]) {
  let ids: string[] = []
  const query = () => {
    const named = ids.map((id) => `'${id}'`).join(',')
    return `SELECT ${columns.join(', ')} FROM ${linkObject} WHERE ContentDocumentId IN (${named})`
  }
  for await (const { Id = '', IsDeleted } of rows) {
    if (IsDeleted === 'true') continue
    ids.push(Id)
    if (ids.length < documentsPerQuery) continue
    yield query()
    ids = []
  }
  if (ids.length > 0) yield query()
}
