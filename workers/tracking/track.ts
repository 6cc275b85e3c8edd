/** Says or brings what changed in an org since it was last looked at, and remembers up to where that is known. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../backup/store.ts'
import type { Context } from '../context.ts'
import { manifestOf } from '../deploy/build/manifest.ts'
import { markdownTable } from '../salesforce/markdown.ts'
import { type Org, openOrg } from '../salesforce/org.ts'
import { retrieveParts } from '../salesforce/retrieve-parts.ts'
import { changesOf, type Seen } from './changes.ts'
import type { Change, TrackInput, TrackResult } from './input.ts'
import { readState, writeState } from './state.ts'

const shownChanges = 500

export async function track(context: Context<TrackInput>): Promise<TrackResult> {
  const { action = 'preview', types } = context.input
  const org = await openOrg(context)
  const seen = await seenBy(context, org)
  context.log.info(sentenceOf(seen, org))
  await publish(seen, org, context)
  const { zips, problems } = action === 'retrieve' ? await retrieved(context, org, seen) : { zips: [], problems: [] }
  for (const problem of problems) context.log.warn(problem)
  const advanced = action === 'reset' || (action === 'retrieve' && types === undefined)
  if (advanced) await writeState(context.directory, org.alias, seen.state)
  const { by, since, until, changes } = seen
  const shown = action === 'reset' ? [] : changes.slice(0, shownChanges)
  const total = action === 'reset' ? 0 : changes.length
  return { org: org.alias, by, since, until, total, changes: shown, zips, problems, advanced, apiUsage: org.apiUsage }
}

/** Once for all attempts: what is retrieved is what was seen, and the state that an earlier attempt wrote is not asked. */
async function seenBy(context: Context<TrackInput>, org: Org): Promise<Seen> {
  const file = join(context.kept, 'seen.json')
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Seen
  context.progress({ phase: 'looking for changes', percent: null })
  const { action, since = 'last', types } = context.input
  // Whoever begins anew must not fail for what it replaces.
  const known = action === 'reset' ? null : readState(context.directory, org.alias, org.orgId)
  const wanted = { since, known, ...(types && { types }) }
  const seen = await changesOf(org, wanted, (sentence) => context.log.warn(sentence))
  await writeWhole(context.kept, 'seen.json', JSON.stringify(seen))
  return seen
}

function sentenceOf({ by, since, until, changes }: Seen, { alias }: Org): string {
  const how = by === 'dates' ? 'by the dates of its metadata' : `from revision ${since} to ${until}`
  return `org ${alias}: ${changes.length} components have changed, ${how}`
}

async function publish({ changes }: Seen, { alias }: Org, context: Context<TrackInput>): Promise<void> {
  const encode = (text: string) => new TextEncoder().encode(text)
  await context.artifact('source.track.json', encode(JSON.stringify(changes)), { contentType: 'application/json' })
  const rows = changes.slice(0, shownChanges).map(({ type, name, change, by, at }) => [change, type, name, by, at])
  const table = markdownTable(['Change', 'Type', 'Name', 'By', 'At'], rows)
  const summary = `# Changes in org ${alias}: ${changes.length}\n\n${table}`
  await context.artifact('summary.md', encode(summary), { contentType: 'text/markdown' })
}

async function retrieved(context: Context<TrackInput>, org: Org, { changes }: Seen) {
  const isThere = ({ change }: Change) => change !== 'deleted'
  const parts = await retrieveParts({ context, org }, changes.filter(isThere))
  const zips = []
  for (const [index, { zip, files }] of parts.entries()) {
    const artifact = index === 0 ? 'source.zip' : `source-${index + 1}.zip`
    const path = join(context.kept, zip)
    await context.artifact(artifact, path, { contentType: 'application/zip' })
    zips.push({ artifact, files, bytes: statSync(path).size })
  }
  await publishDeleted(
    changes.filter((one) => !isThere(one)),
    org,
    context,
  )
  return { zips, problems: parts.flatMap(({ problems }) => problems) }
}

/** As a deployment to another org takes it. */
async function publishDeleted(deleted: readonly Change[], { apiVersion }: Org, context: Context<TrackInput>) {
  if (deleted.length === 0) return
  const types = Map.groupBy(deleted, ({ type }) => type)
  const members = new Map([...types].map(([type, all]) => [type, new Set(all.map(({ name }) => name))]))
  const xml = new TextEncoder().encode(manifestOf(members, apiVersion))
  await context.artifact('destructiveChanges.xml', xml, { contentType: 'application/xml' })
}
