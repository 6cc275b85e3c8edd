/** The metadata, retrieved in parts; one that is too large for the org is halved until it is not. */
import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chunksOf, halvesOf, type Member, typesOf } from '../../metadata/chunks.ts'
import { SalesforceError } from '../../salesforce/errors.ts'
import { type Memo, runRemoteJob } from '../../salesforce/remote-job.ts'
import { isTooBig, retrieveJob } from '../../salesforce/retrieve.ts'
import type { MetadataEntry, StoredFile } from '../manifest.ts'
import { writeSealed } from '../sealed.ts'
import { writeWhole } from '../store.ts'
import { listMembers } from './members.ts'
import { readEntry, type Work, writeEntry } from './work.ts'

type Zip = StoredFile & { readonly files: number }
type Part = { readonly zip: Zip } | { readonly isHalved: true } | { readonly failed: string }

const membersName = 'metadata/members.json'
export const metadataEntryName = 'metadata/entry.json'

export async function exportMetadata(work: Work, warn: (sentence: string) => void): Promise<void> {
  const { place, context, org } = work
  const { metadata } = context.input
  if (!metadata || readEntry(place, metadataEntryName)) return
  await mkdir(join(place, 'metadata'), { recursive: true, mode: 0o700 })
  let members = readEntry<Member[]>(place, membersName)
  if (!members) {
    members = await listMembers(org, metadata, warn)
    await writeWhole(place, membersName, JSON.stringify(members))
  }
  const zips: Zip[] = []
  for (const [at, chunk] of chunksOf(members).entries()) {
    await retrievePart(work, String(at), chunk, zips, warn)
    work.report.phase('retrieving metadata', at + 1, Math.ceil(chunksOf(members).length), 'parts')
  }
  const entry: MetadataEntry = { files: zips.reduce((sum, { files }) => sum + files, 0), zips }
  await writeEntry(place, metadataEntryName, entry)
  rmSync(join(place, membersName))
}

/** A part is known by its place: `3`, and its halves `3a` and `3b`. */
async function retrievePart(
  work: Work,
  key: string,
  chunk: readonly Member[],
  zips: Zip[],
  warn: (sentence: string) => void,
): Promise<void> {
  const name = `metadata/${key}.json`
  let part = readEntry<Part>(work.place, name)
  if (!part) {
    part = await retrieve(work, key, chunk)
    await writeEntry(work.place, name, part)
  }
  if ('zip' in part) zips.push(part.zip)
  if ('failed' in part) warn(part.failed)
  const halves = 'isHalved' in part ? halvesOf(chunk) : undefined
  for (const [at, half] of (halves ?? []).entries()) await retrievePart(work, `${key}${'ab'[at]}`, half, zips, warn)
}

async function retrieve(work: Work, key: string, chunk: readonly Member[]): Promise<Part> {
  const { org, context, place, wrapping } = work
  const { status } = await runRemoteJob(
    context,
    org,
    retrieveJob(org, typesOf(chunk), `retrieve of ${chunk.length} members`),
    memoOf(work, key),
  )
  if (status.success) {
    const bytes = Buffer.from(status.zipFile, 'base64')
    const stored = await writeSealed([bytes], place, `metadata/${key}.zip`, { gzip: false, key: wrapping.key })
    return { zip: { ...stored, files: status.fileProperties?.length ?? 0 } }
  }
  const message = status.errorMessage ?? status.status
  if (isTooBig(status) && halvesOf(chunk)) {
    context.log.info(`a part of ${chunk.length} members is too large for org ${org.alias}, it is halved: ${message}`)
    return { isHalved: true }
  }
  const code = status.errorStatusCode ?? undefined
  const error = new SalesforceError({ message, ...(code && { code }) }, { org: org.alias, step: 'retrieving metadata' })
  if (error.retryable) throw error
  return { failed: `${chunk.length} members of ${chunk[0]?.type} and after are not in the backup: ${error.message}` }
}

function memoOf({ memory }: Work, key: string): Memo {
  return {
    read: () => memory.value.retrieves[key] ?? null,
    write: (job) => memory.change({ retrieves: { [key]: job } }),
  }
}
