/** The first pass: each object in its order, chunk by chunk; and the second: lookups that could not be set before. */
import { throwIfStopped } from '../../salesforce/transport.ts'
import { longId } from '../ids.ts'
import { type Row, valuesOf } from '../values.ts'
import { insertRows, undeleteRows, updateRows } from './calls.ts'
import { failureOf, makeOnce, type Wanted } from './insert.ts'
import type { PlannedRestore } from './plan.ts'
import { type Deeds, deedsFor, type Standing, standByField, standById } from './stand.ts'
import { step, tell, type Work } from './work.ts'

const usualBatch = 200

export async function restoreRows(work: Work): Promise<void> {
  await eachChunk(work, 'restoring rows', work.plan.objects, restoreChunk)
}

/** Does each chunk once; an attempt that goes on skips those that are done. */
async function eachChunk(
  work: Work,
  phase: string,
  objects: readonly PlannedRestore[],
  act: (work: Work, planned: PlannedRestore, rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  const { memory, context } = work
  const size = context.input.batchSize ?? usualBatch
  const total = objects.reduce((sum, { rows }) => sum + rows, 0)
  let done = objects.slice(0, memory.value.object).reduce((sum, { rows }) => sum + rows, 0)
  for (const [at, planned] of objects.entries()) {
    if (at < memory.value.object) continue
    let chunk = 0
    for await (const rows of chunksOf(wantedRows(work, planned.object), size)) {
      chunk += 1
      if (chunk <= memory.value.chunk) continue
      throwIfStopped(context.signal)
      await act(work, planned, rows)
      await step(work, { chunk, sentAt: null })
      tell(work, phase, Math.min(total, done + chunk * size), total, 'records', planned.object)
    }
    done += planned.rows
    await step(work, { object: at + 1, chunk: 0 })
  }
}

async function* wantedRows({ source, context }: Work, object: string): AsyncGenerator<Row> {
  const ids = context.input.ids && new Set(context.input.ids.map(longId))
  for await (const row of source.rows(object)) if (!ids || ids.has(longId(row.Id ?? ''))) yield row
}

export async function* chunksOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = []
  for await (const item of items) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

async function restoreChunk(work: Work, planned: PlannedRestore, rows: readonly Row[]): Promise<void> {
  const { org, plan, context, logs } = work
  const standings = plan.isSameOrg ? await standById(org, planned.object, rows) : await standByField(org, planned, rows)
  // What an earlier attempt has made by a field is there now, and is changed once more instead of made again.
  const deeds = deedsFor(standings, context.input.mode ?? 'upsert')
  if (!plan.isSameOrg) logs.ids.add(pairsOf(deeds))
  logs.count({ skipped: deeds.skip.length })
  const undeleted = await undelete(work, planned, deeds.undelete)
  const updated = context.input.mode === 'undelete' || context.input.mode === 'insertMissing' ? [] : undeleted
  await update(work, planned, [...deeds.update, ...updated])
  await insert(work, planned, deeds.insert)
}

function pairsOf({ update, skip }: Deeds): [string, string][] {
  return [...update, ...skip].flatMap(({ row, id }): [string, string][] => (id === null ? [] : [[row.Id ?? '', id]]))
}

async function undelete(
  { org, logs }: Work,
  { object }: PlannedRestore,
  standings: readonly Standing[],
): Promise<Standing[]> {
  if (standings.length === 0) return []
  const results = await undeleteRows(
    org,
    standings.map(({ id }) => id ?? ''),
  )
  const refused = standings.filter((_, at) => !results[at]?.success)
  // A call whose answer was lost may have done it, and so may the undelete of the row that it belongs to.
  const again =
    refused.length > 0
      ? await standById(
          org,
          object,
          refused.map(({ row }) => row),
        )
      : []
  const isHere = new Set(again.filter(({ state }) => state === 'here').map(({ id }) => id))
  const isDone = (at: number) => results[at]?.success || isHere.has(standings[at]?.id ?? null)
  const done = standings.filter((_, at) => isDone(at))
  logs.count({ undeleted: done.length })
  logs.fail(standings.flatMap(({ row }, at) => (isDone(at) ? [] : [failureOf(object, row.Id ?? '', results[at])])))
  return done
}

async function update(work: Work, planned: PlannedRestore, standings: readonly Standing[]): Promise<void> {
  const { org, logs, context, targets } = work
  if (standings.length === 0 || planned.updates.length === 0) return
  const rules = { later: new Set(planned.later), withEmpty: true }
  const wanted = standings.map(({ row, id }) => ({ id: id ?? '', ...valuesOf(row, planned.updates, targets, rules) }))
  logs.count({ lost: wanted.reduce((sum, { lost }) => sum + lost.length, 0) })
  const results = await updateRows(context, org, planned.object, wanted)
  logs.count({ updated: results.filter(({ success }) => success).length })
  logs.fail(
    standings.flatMap(({ row }, at) =>
      results[at]?.success ? [] : [failureOf(planned.object, row.Id ?? '', results[at])],
    ),
  )
}

async function insert(work: Work, planned: PlannedRestore, rows: readonly Row[]): Promise<void> {
  const { org, logs, context, targets } = work
  const { object, creates } = planned
  const rules = { later: new Set(planned.later) }
  const wanted: Wanted[] = []
  for (const row of rows) {
    const { values, lost, missing } = valuesOf(row, creates, targets, rules)
    const id = row.Id ?? ''
    if (missing.length === 0) wanted.push({ id, values })
    else logs.fail([{ object, id, code: 'PARENT_MISSING', message: parentMissing(row, missing) }])
    logs.count({ lost: lost.length })
  }
  const send = (some: readonly Wanted[]) =>
    insertRows(
      context,
      org,
      object,
      some.map(({ values }) => values),
    )
  await makeOnce(work, wanted, { object, fields: comparedFields(wanted), send })
}

function parentMissing(row: Row, missing: readonly string[]): string {
  return `what it must refer to is not in the target: ${missing.map((field) => `${field} ${row[field]}`).join(', ')}`
}

const mostComparedCharacters = 4_000

/** Those that were sent; not more than fit into a query. */
function comparedFields(wanted: readonly Wanted[]): string[] {
  const fields = [...new Set(wanted.flatMap(({ values }) => Object.keys(values)))]
  while (fields.join(', ').length > mostComparedCharacters) fields.pop()
  return fields
}

export async function restoreLookups(work: Work): Promise<void> {
  await eachChunk(
    work,
    'setting lookups',
    work.plan.objects.filter(({ later }) => later.length > 0),
    setLookups,
  )
}

async function setLookups(work: Work, planned: PlannedRestore, rows: readonly Row[]): Promise<void> {
  const { org, logs, context, targets } = work
  const later = new Set(planned.later)
  const columns = planned.creates.filter(({ name }) => later.has(name))
  const wanted = rows.flatMap((row) => {
    const id = idInTarget(work, row)
    if (id === undefined) return []
    const { values, lost } = valuesOf(row, columns, targets)
    logs.count({ lost: lost.length })
    return Object.keys(values).length > 0 ? [{ row, id, values }] : []
  })
  if (wanted.length === 0) return
  const results = await updateRows(context, org, planned.object, wanted)
  logs.fail(
    wanted.flatMap(({ row }, at) =>
      results[at]?.success ? [] : [failureOf(planned.object, row.Id ?? '', results[at])],
    ),
  )
}

/** In the same org, rows that were there are set to what they were unless only missing ones were asked for. */
function idInTarget({ plan, logs, context }: Work, { Id = '' }: Row): string | undefined {
  const { mode = 'upsert' } = context.input
  const made = logs.ids.map.get(Id)
  return made ?? (plan.isSameOrg && (mode === 'upsert' || mode === 'updateOnly') ? Id : undefined)
}
