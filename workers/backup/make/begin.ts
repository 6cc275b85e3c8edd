/** The first step of a backup: which it is, what it adds to, what it is to hold. Decided once, and kept. */
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import { describeGlobal } from '../../salesforce/describe.ts'
import { type Org, openOrg } from '../../salesforce/org.ts'
import { bulkFromRows, callsFor, refusalOf } from '../budget.ts'
import { keyOf, newKey } from '../cipher.ts'
import type { Manifest } from '../manifest.ts'
import { planName } from '../names.ts'
import { chooseObjects, type GlobalObject } from '../objects.ts'
import { makePlace, newBackupId, readStore, writeWhole } from '../store.ts'
import { changedWithin, windowAfter } from '../window.ts'
import type { BackupInput, Saved } from './input.ts'
import { Memory } from './memory.ts'
import { Report } from './report.ts'
import { isObjectName, type Plan, type PlannedObject, readEntry, type Work } from './work.ts'

type BackupContext = Context<BackupInput>

/** The largest share of the org's calls of a day that a backup may take, unless the input says another. */
const usualBudgetPercent = 50

/** From the checkpoint, or anew. */
export async function beginBackup(context: BackupContext): Promise<Work> {
  const earlier = context.checkpoint as Saved | null
  const org = await openOrg(context, earlier ? { apiVersion: earlier.apiVersion } : {})
  org.step = 'looking at its limits'
  const limits = await org.request<Limits>('/limits')
  const { saved, key } = earlier ? { saved: earlier, key: keyAgain(context, earlier) } : await decide(context, org)
  const memory = new Memory(saved, context)
  if (!earlier) await memory.change({})
  const place = await makePlace(context.directory, context.input.org, saved.id)
  const plan = readEntry<Plan>(place, planName) ?? (await planBackup(context, org, place, limits, saved))
  const estimates = new Map(plan.objects.map(({ name, rows }) => [name, rows]))
  const wrapping = { gzip: (context.input.format ?? 'csv.gz') === 'csv.gz', key }
  return { context, org, place, plan, memory, wrapping, report: new Report(context, estimates) }
}

async function decide(context: BackupContext, org: Org): Promise<{ saved: Saved; key: Buffer | null }> {
  const { input, log } = context
  const to = org.now.getTime()
  const parent = input.mode === 'incremental' ? parentFor(context, org, to) : null
  if (input.mode === 'incremental' && !parent)
    log.warn(`there is no earlier backup of org ${org.alias} to add to: this one is full`)
  const mode = parent ? 'incremental' : 'full'
  const { encryption, key } = newEncryption(context)
  const saved: Saved = {
    id: newBackupId(mode, to),
    mode,
    parent: parent?.id ?? null,
    from: parent ? windowAfter(Date.parse(parent.to), to).from : null,
    to,
    apiVersion: org.apiVersion,
    startedAt: new Date().toISOString(),
    encryption,
    objects: {},
    tries: {},
    retrieves: {},
  }
  return { saved, key }
}

/** The newest whole backup of the same org that ended by then. */
function parentFor({ input, directory }: BackupContext, org: Org, now: number): Manifest | undefined {
  const { since = 'last' } = input
  const by = since === 'last' ? now : Date.parse(since)
  if (Number.isNaN(by)) throw invalidInput(`since is "last" or a time such as 2026-11-26T02:00:00Z, not ${since}`)
  const found = [...readStore(directory, input.org).whole.values()].filter(({ to }) => Date.parse(to) <= by)
  const stranger = found.find(({ orgId }) => orgId !== org.orgId)
  if (stranger) {
    throw invalidInput(
      `org ${org.alias} is ${org.orgId} now, but its backup ${stranger.id} is of ${stranger.orgId}: ` +
        'the login was changed to another org. Give that org an alias of its own',
    )
  }
  return found.toSorted((one, other) => Date.parse(other.to) - Date.parse(one.to))[0]
}

function newEncryption({ secrets, input }: BackupContext): { encryption: Saved['encryption']; key: Buffer | null } {
  const hasKey = secrets.names.includes('encryption')
  if (input.encrypt === false || (input.encrypt === undefined && !hasKey)) return { encryption: null, key: null }
  if (hasKey) return secrets.use('encryption', newKey)
  throw invalidInput(
    `encrypt is true, but there is no key: store one as org/${input.org}/backup-key, or name one in the request as the secret encryption`,
  )
}

function keyAgain({ secrets }: BackupContext, { encryption }: Saved): Buffer | null {
  return encryption && secrets.use('encryption', (secret) => keyOf(secret, encryption))
}

interface Limits {
  readonly DailyApiRequests?: { readonly Max: number; readonly Remaining: number }
}

async function planBackup(
  context: BackupContext,
  org: Org,
  place: string,
  limits: Limits,
  saved: Saved,
): Promise<Plan> {
  org.step = 'listing its objects'
  const sobjects = await describeGlobal<GlobalObject>(org)
  const { objects, refused } = chooseObjects(
    sobjects.filter(({ name }) => isObjectName(name)),
    context.input.objects,
  )
  if (objects.length === 0) throw invalidInput(nothingToBackUp(org, refused))
  const rows = await estimateRows(org, objects)
  const bodies = bodiesOf(context.input, objects)
  afford(context, callsFor(await rowsToRead(org, rows, bodies, saved), bodies), limits)
  const isReplicateable = new Set(sobjects.filter((one) => one.replicateable).map(({ name }) => name))
  const planned = objects.map(
    (name): PlannedObject => ({ name, rows: rows.get(name) ?? 0, replicateable: isReplicateable.has(name) }),
  )
  const warnings = refused.map(({ name, why }) => `${name} is not in the backup: ${why}`)
  // The largest first: the end of a backup is not one lane with the largest of all.
  const plan = {
    parent: saved.parent,
    objects: planned.toSorted((one, other) => other.rows - one.rows),
    bodies,
    warnings,
  }
  await writeWhole(place, planName, JSON.stringify(plan))
  return plan
}

function nothingToBackUp(org: Org, refused: readonly { name: string; why: string }[]): string {
  const why = refused.map((one) => `${one.name}: ${one.why}`).join('; ')
  return `org ${org.alias} has no object to back up${why && ` (${why})`}: look at objects.include and objects.exclude, and at what its user may see`
}

const objectsPerCount = 100

/** What the org thinks it has of each: approximate, and for planning only. */
async function estimateRows(org: Org, objects: readonly string[]): Promise<Map<string, number>> {
  org.step = 'estimating its rows'
  const found = new Map<string, number>()
  for (let at = 0; at < objects.length; at += objectsPerCount) {
    const names = objects.slice(at, at + objectsPerCount).join(',')
    const { sObjects = [] } = await org.request<{ sObjects?: readonly { name: string; count: number }[] }>(
      `/limits/recordCount?sObjects=${names}`,
    )
    for (const { name, count } of sObjects) if (Number.isInteger(count)) found.set(name, count)
  }
  return found
}

/** Of an incremental one only the files are counted that have changed: rows of the others come in few pages. */
async function rowsToRead(
  org: Org,
  rows: ReadonlyMap<string, number>,
  bodies: readonly string[],
  { from, to }: Saved,
): Promise<ReadonlyMap<string, number>> {
  if (from === null) return rows
  const found = new Map([...rows.keys()].map((name) => [name, 0]))
  for (const name of bodies) {
    const soql = `SELECT count() FROM ${name} WHERE ${changedWithin('SystemModstamp', { from, to })}`
    found.set(name, await org.data.count(soql, { step: `counting what has changed of ${name}` }))
  }
  return found
}

export const bodyFields: Readonly<
  Record<string, { readonly field: string; readonly asked: 'contentVersions' | 'attachments' | 'documents' }>
> = {
  ContentVersion: { field: 'VersionData', asked: 'contentVersions' },
  Attachment: { field: 'Body', asked: 'attachments' },
  Document: { field: 'Body', asked: 'documents' },
}

function bodiesOf({ files = {} }: BackupInput, objects: readonly string[]): string[] {
  return objects.filter((name) => {
    const body = bodyFields[name]
    return body !== undefined && files[body.asked] !== false
  })
}

/** Waits for another day when the calls of this one are used up; fails when no day has so many. */
function afford({ input, log, suspend }: BackupContext, calls: number, { DailyApiRequests }: Limits): void {
  if (!DailyApiRequests) return
  const { Max: max, Remaining: remaining } = DailyApiRequests
  const { apiBudgetPct = usualBudgetPercent, limitWaitSeconds = 2_400 } = input
  const refusal = refusalOf(calls, { max, remaining }, apiBudgetPct)
  if (refusal === undefined) return
  if (refusalOf(calls, { max, remaining: max }, apiBudgetPct) !== undefined)
    throw new FatalError(`org ${input.org}: ${refusal}. Raise apiBudgetPct, or back up fewer objects or files at once`)
  log.warn(`org ${input.org}: ${refusal}. It goes on in ${limitWaitSeconds} s`)
  suspend({ resumeAt: new Date(Date.now() + limitWaitSeconds * 1_000) })
}

/** Where rows of an object are on their way, until they are sealed. */
export function rawFileOf(context: Pick<Context, 'kept'>, object: string): string {
  return join(context.kept, `${object}.csv`)
}

export { bulkFromRows }
