/** The third pass: files, when all rows that they may belong to are there. */

import { describe } from '../../salesforce/describe.ts'
import type { Org } from '../../salesforce/org.ts'
import { throwIfStopped } from '../../salesforce/transport.ts'
import type { Described } from '../fields.ts'
import { longId } from '../ids.ts'
import type { Sent } from '../made.ts'
import { type Column, mapColumns } from '../mapping.ts'
import { type Row, valuesOf } from '../values.ts'
import { damageOf } from '../verify.ts'
import { bodiesIn, insertWithBody, type StoredBody } from './bodies.ts'
import { insertRows, quoted, undeleteRows } from './calls.ts'
import { failureOf, makeOnce, type Wanted } from './insert.ts'
import { chunksOf } from './rows.ts'
import { standById } from './stand.ts'
import { step, tell, type Work } from './work.ts'

/** One after the other; versions of content in the order in which they were made. */
interface FileStep {
  readonly object: string
  readonly version?: string
}

const rowsPerLook = 50

export async function restoreFiles(work: Work): Promise<void> {
  const { memory, plan, source } = work
  const steps = await stepsOf(work)
  const total = plan.files.reduce((sum, object) => sum + (source.objects.get(object) ?? 0), 0)
  for (const [at, one] of steps.entries()) {
    if (at < memory.value.object) continue
    const columns = await columnsOf(work, one.object)
    const bodies = one.object === linkObject ? new Map() : bodiesIn(source, one.object)
    let done = 0
    for await (const rows of chunksOf(rowsOf(work, one), rowsPerLook)) {
      const open = rows.slice(Math.max(0, memory.value.chunk - done))
      done += rows.length
      if (open.length === 0) continue
      throwIfStopped(work.context.signal)
      if (one.object === linkObject) await restoreLinks(work, open, columns, done)
      else await restoreChunk(work, one.object, open, columns, bodies, done - open.length)
      tell(work, 'restoring files', work.logs.counts.files, total, 'files', one.object)
    }
    await step(work, { object: at + 1, chunk: 0, sentAt: null })
  }
  if (plan.files.length > 0) work.context.log.info(`${work.logs.counts.files} files are restored`)
}

const linkObject = 'ContentDocumentLink'

async function stepsOf({ plan, source }: Work): Promise<FileStep[]> {
  const versions = new Set<string>()
  if (plan.files.includes('ContentVersion'))
    for await (const { VersionNumber = '1' } of source.rows('ContentVersion')) versions.add(VersionNumber)
  const inOrder = [...versions].toSorted((one, other) => Number(one) - Number(other))
  return [
    ...inOrder.map((version) => ({ object: 'ContentVersion', version })),
    ...(versions.size > 0 && source.objects.has(linkObject) ? [{ object: linkObject }] : []),
    ...plan.files.filter((object) => object !== 'ContentVersion').map((object) => ({ object })),
  ]
}

async function* rowsOf({ source, context }: Work, { object, version }: FileStep): AsyncGenerator<Row> {
  const ids = context.input.ids && new Set(context.input.ids.map(longId))
  for await (const row of source.rows(object)) {
    if (version !== undefined && (row.VersionNumber ?? '1') !== version) continue
    const belongsTo = [row.Id, row.ParentId, row.ContentDocumentId, row.LinkedEntityId, row.FirstPublishLocationId]
    if (!ids || belongsTo.some((id) => id && ids.has(longId(id)))) yield row
  }
}

/** Where a file was first put is among its links. */
const setBySalesforce = ['FirstPublishLocationId', 'ContentDocumentId', 'ParentId', 'FolderId', 'LinkedEntityId']

async function columnsOf({ org, source, plan }: Work, object: string): Promise<readonly Column[]> {
  const described = await describe<Described>(org, object)
  const rules = { creates: true, known: new Set<string>(), isSameOrg: plan.isSameOrg }
  const { columns } = mapColumns(source.columns(object), described, rules)
  return columns.filter(({ name }) => !setBySalesforce.includes(name))
}

async function restoreChunk(
  work: Work,
  object: string,
  rows: readonly Row[],
  columns: readonly Column[],
  bodies: ReadonlyMap<string, StoredBody>,
  before: number,
): Promise<void> {
  const present = work.plan.isSameOrg ? await presentIn(work, object, rows) : new Set<string>()
  for (const [at, row] of rows.entries()) {
    throwIfStopped(work.context.signal)
    const id = longId(row.Id ?? '')
    const body = bodies.get(id)
    if (present.has(id)) work.logs.count({ skipped: 1 })
    else if (body) await restoreFile(work, object, row, columns, body)
    else if (!row.ContentUrl)
      work.logs.fail([{ object, id, code: 'BODY_MISSING', message: 'its bytes are not in the backup' }])
    await step(work, { chunk: before + at + 1, sentAt: null })
  }
}

/** Rows of the same org that are there, or are again after they were taken out of the recycle bin. */
async function presentIn({ org, logs, context }: Work, object: string, rows: readonly Row[]): Promise<Set<string>> {
  const standings = await standById(org, object, rows)
  const bin = standings.filter(({ state }) => state === 'bin')
  const holders = new Set(bin.map(({ row }) => (object === 'ContentVersion' ? row.ContentDocumentId : row.Id) ?? ''))
  if (holders.size > 0 && context.input.mode !== 'updateOnly') {
    const results = await undeleteRows(org, [...holders])
    logs.count({ undeleted: results.filter(({ success }) => success).length })
  }
  const here =
    context.input.mode === 'updateOnly' || context.input.mode === 'undelete'
      ? standings
      : standings.filter(({ state }) => state !== 'gone')
  return new Set(here.map(({ row }) => longId(row.Id ?? '')))
}

async function restoreFile(
  work: Work,
  object: string,
  row: Row,
  columns: readonly Column[],
  body: StoredBody,
): Promise<void> {
  const { logs, context, org, targets } = work
  const { values, lost } = valuesOf(row, columns, targets)
  const place = placeOf(work, object, row)
  logs.count({ lost: lost.length })
  const id = row.Id ?? ''
  if ('missing' in place) {
    const message = `what it belongs to is not in the target: ${place.missing}`
    logs.fail([{ object, id, code: 'PARENT_MISSING', message }])
    return
  }
  // Looked at one by one, right before: there may be very many bytes of them.
  const damage = await damageOf(body.place, body, context.signal)
  if (damage) return logs.fail([{ object, id, code: 'BACKUP_DAMAGED', message: damage }])
  const wanted: Wanted = { id, values: { ...values, ...place } }
  const before = logs.counts.inserted
  const told = { ...wanted.values, ...toldBy(object, row) }
  await makeOnce(work, [{ id, values: told }], {
    object,
    fields: Object.keys({ ...toldBy(object, row), ...identityOf(object, wanted.values) }),
    send: async () => [await insertWithBody(context, org, object, wanted.values, body)],
  })
  if (logs.counts.inserted === before) return
  logs.count({ files: 1, inserted: -1 })
  if (object === 'ContentVersion') await rememberDocument(org, work, row)
}

/** What the org works out of the bytes: by it a file is told from others. */
function toldBy(object: string, { Checksum = '', ContentSize = '', BodyLength = '' }: Row): Sent {
  if (object === 'ContentVersion') return Checksum ? { Checksum } : { ContentSize }
  return { BodyLength }
}

function identityOf(object: string, values: Sent): Sent {
  const names =
    object === 'ContentVersion' ? ['Title', 'PathOnClient', 'ContentDocumentId'] : ['Name', 'ParentId', 'FolderId']
  return Object.fromEntries(names.filter((name) => name in values).map((name) => [name, values[name] ?? null]))
}

/** The row that a file belongs to; a new version belongs to its document, which the first one makes. */
function placeOf({ targets, people, org, logs, plan }: Work, object: string, row: Row): Sent | { missing: string } {
  if (object === 'ContentVersion') {
    const document = logs.ids.map.get(row.ContentDocumentId ?? '')
    return document === undefined ? {} : { ContentDocumentId: document }
  }
  if (object === 'Attachment') {
    const parent = targets.record(row.ParentId ?? '')
    return parent === undefined ? { missing: `ParentId ${row.ParentId}` } : { ParentId: parent }
  }
  const folder = row.FolderId ?? ''
  const known = people.folders.get(longId(folder)) ?? targets.user(folder) ?? (plan.isSameOrg ? folder : undefined)
  // The personal folder of the user who restores it.
  return { FolderId: known ?? org.userId }
}

async function rememberDocument(org: Org, { logs }: Work, { Id = '', ContentDocumentId = '' }: Row): Promise<void> {
  const version = logs.ids.map.get(Id)
  if (version === undefined || logs.ids.map.get(ContentDocumentId) !== undefined) return
  const soql = `SELECT ContentDocumentId FROM ContentVersion WHERE Id = ${quoted(version)}`
  const [made] = await org.data.query<{ ContentDocumentId: string }>(soql, {
    step: 'looking which document a file became',
  })
  if (made) logs.ids.add([[ContentDocumentId, made.ContentDocumentId]])
}

/** Of documents that were made anew. Those that are there already, like that of the owner, are left alone. */
async function restoreLinks(work: Work, rows: readonly Row[], columns: readonly Column[], done: number): Promise<void> {
  const { logs, targets, context, org } = work
  const wanted = rows.flatMap((row) => {
    const document = logs.ids.map.get(row.ContentDocumentId ?? '')
    if (document === undefined) return []
    const entity = targets.record(row.LinkedEntityId ?? '') ?? targets.user(row.LinkedEntityId ?? '')
    if (entity === undefined) {
      logs.count({ lost: 1 })
      return []
    }
    const values = { ...valuesOf(row, columns, targets).values, ContentDocumentId: document, LinkedEntityId: entity }
    return [{ row, values, key: `${document} ${entity}` }]
  })
  const there =
    wanted.length > 0
      ? await linksOf(
          org,
          wanted.map(({ values }) => values.ContentDocumentId),
        )
      : new Set()
  const open = wanted.filter(({ key }) => !there.has(key))
  if (open.length > 0) {
    const results = await insertRows(
      context,
      org,
      linkObject,
      open.map(({ values }) => values),
    )
    const made = open.filter((_, at) => results[at]?.success)
    logs.count({ inserted: made.length })
    logs.fail(
      open.flatMap(({ row }, at) => (results[at]?.success ? [] : [failureOf(linkObject, row.Id ?? '', results[at])])),
    )
  }
  await step(work, { chunk: done, sentAt: null })
}

async function linksOf(org: Org, documents: readonly string[]): Promise<Set<string>> {
  const named = [...new Set(documents)].map(quoted).join(',')
  const soql = `SELECT ContentDocumentId, LinkedEntityId FROM ${linkObject} WHERE ContentDocumentId IN (${named})`
  const found = await org.data.query<{ ContentDocumentId: string; LinkedEntityId: string }>(soql, {
    step: 'looking which links of files are there',
  })
  return new Set(found.map(({ ContentDocumentId, LinkedEntityId }) => `${ContentDocumentId} ${LinkedEntityId}`))
}
