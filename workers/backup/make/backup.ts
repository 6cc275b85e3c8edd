/** A backup from its first step to its manifest. Whatever an earlier attempt has finished is left as it is. */
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { FatalError } from '../../errors/steering.ts'
import { cancelBulkQuery } from '../../salesforce/bulk/query.ts'
import { type Org, openOrg } from '../../salesforce/org.ts'
import { type BodiesEntry, type Manifest, type MetadataEntry, manifestName, type ObjectEntry } from '../manifest.ts'
import { planName } from '../names.ts'
import { placeOf, readStore, writeWhole } from '../store.ts'
import { beginBackup } from './begin.ts'
import { bodiesEntryOf, exportBodies } from './bodies.ts'
import type { BackupInput, Saved } from './input.ts'
import { exportLinks, linkObject } from './links.ts'
import { exportMetadata, metadataEntryName } from './metadata.ts'
import { exportObjects } from './objects.ts'
import { type BackupResult, publish, toResult } from './result.ts'
import { type Entry, entryOf, readEntry, type Work } from './work.ts'

/** Of warnings in the manifest; the log has all. */
const mostWarnings = 500
const warningsName = 'warnings.txt'
const lineBreaks = /[\r\n]+/g

export async function makeBackup(context: Context<BackupInput>): Promise<BackupResult> {
  const done = finishedBefore(context)
  if (done) return tellOf(context, done, { calls: 0, used: null, limit: null })
  context.progress({ phase: 'planning', percent: null })
  const work = await beginBackup(context)
  try {
    const warn = (sentence: string) => {
      context.log.warn(sentence)
      // Not in memory: a later attempt must know them, too.
      appendFileSync(join(work.place, warningsName), `${sentence.replaceAll(lineBreaks, ' ')}\n`, { mode: 0o600 })
    }
    await exportObjects(work)
    await exportLinks(work)
    await exportBodies(work, warn)
    await exportMetadata(work, warn)
    return await finish(work)
  } finally {
    work.wrapping.key?.fill(0)
  }
}

async function finish(work: Work): Promise<BackupResult> {
  const { context, org, place, memory } = work
  const manifest = manifestOf(work, [...work.plan.warnings, ...warningsIn(work.place)])
  const failure = whyEmpty(manifest, org.alias)
  if (failure) throw new FatalError(failure, { code: 'BACKUP_EMPTY' })
  await writeWhole(place, manifestName, `${JSON.stringify(manifest, null, 1)}\n`)
  for (const name of [planName, warningsName]) rmSync(join(place, name), { force: true })
  context.log.info(`the backup ${memory.value.id} is whole`)
  return tellOf(context, manifest, org.apiUsage)
}

/** An attempt that was ended between the manifest and its result has left nothing to do but to say so. */
function finishedBefore({ checkpoint, directory, input }: Context<BackupInput>): Manifest | undefined {
  const saved = checkpoint as Saved | null
  return saved === null ? undefined : readStore(directory, input.org).whole.get(saved.id)
}

async function tellOf(
  context: Context<BackupInput>,
  manifest: Manifest,
  usage: Org['apiUsage'],
): Promise<BackupResult> {
  const result = toResult(manifest, usage)
  await publish(
    context,
    result,
    readFileSync(join(placeOf(context.directory, manifest.org, manifest.id), manifestName)),
  )
  return result
}

function warningsIn(place: string): string[] {
  const path = join(place, warningsName)
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
  return [...new Set(lines)].slice(0, mostWarnings)
}

function manifestOf({ context, org, place, plan, memory }: Work, warnings: readonly string[]): Manifest {
  const { value: saved } = memory
  const objects: Record<string, ObjectEntry> = {}
  const failed: string[] = []
  for (const name of [...plan.objects.map((one) => one.name), linkObject].sort()) {
    const entry = readEntry<Entry>(place, entryOf(name))
    if (!entry) continue
    if ('failed' in entry) failed.push(`${name} is not in the backup: ${entry.failed}`)
    else objects[name] = entry
  }
  const bodies = plan.bodies.flatMap((name) => {
    const entry = readEntry<BodiesEntry>(place, bodiesEntryOf(name))
    return entry ? [[name, entry] as const] : []
  })
  return {
    version: 1,
    id: saved.id,
    org: context.input.org,
    orgId: org.orgId,
    instanceUrl: org.instanceUrl,
    apiVersion: saved.apiVersion,
    mode: saved.mode,
    parent: saved.parent,
    from: saved.from === null ? null : new Date(saved.from).toISOString(),
    to: new Date(saved.to).toISOString(),
    startedAt: saved.startedAt,
    finishedAt: new Date().toISOString(),
    tool: 'mayfly',
    format: context.input.format ?? 'csv.gz',
    encryption: saved.encryption,
    objects,
    bodies: Object.fromEntries(bodies),
    metadata: readEntry<MetadataEntry>(place, metadataEntryName) ?? null,
    warnings: [...failed, ...warnings],
  }
}

/** A backup that holds nothing must not look like one. */
function whyEmpty({ objects, mode, warnings }: Manifest, org: string): string | undefined {
  const entries = Object.values(objects)
  const rows = entries.reduce((sum, entry) => sum + entry.rows, 0)
  const why = warnings.slice(0, 5).join('; ')
  if (entries.length === 0) return `the backup of org ${org} holds no object at all${why && `: ${why}`}`
  if (mode === 'incremental' || rows > 0) return
  return `the backup of org ${org} holds no row of its ${entries.length} objects: look at what its user may see${why && ` (${why})`}`
}

/** Stops what still runs in the org. What is on the disk has no manifest, and so is no backup. */
export async function stopBackup(context: Context<BackupInput>): Promise<void> {
  const saved = context.checkpoint as Saved | null
  const running = Object.entries(saved?.objects ?? {})
  if (!saved || running.length === 0) return
  const org = await openOrg(context, { apiVersion: saved.apiVersion, isCleanup: true })
  for (const [object, state] of running) {
    const query = { soql: `SELECT Id FROM ${object}`, operation: 'queryAll' } as const
    await cancelBulkQuery(context, org, query, { read: () => state })
  }
}
