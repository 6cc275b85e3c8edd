/**
 * Metadata out of an org, as zips in the kept directory: in parts that the org gives at once, halved where one is too
 * large. What has come is not asked for again by a later attempt. The checkpoint is this one's alone meanwhile.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '../../src/task/json.ts'
import type { Progress } from '../../src/task/task.ts'
import { writeWhole } from '../backup/store.ts'
import type { Context } from '../context.ts'
import { chunksOf, halvesOf, type Member, typesOf } from '../metadata/chunks.ts'
import { SalesforceError } from './errors.ts'
import type { Org } from './org.ts'
import { type JobState, type Memo, runRemoteJob } from './remote-job.ts'
import { isTooBig, type RetrieveStatus, retrieveJob } from './retrieve.ts'

type RetrieveContext = Pick<Context<{ readonly pollSeconds?: number }>, keyof Context>

/** One part, as it is kept: known by its place, `1`, and its halves by `1a` and `1b`. */
type Part =
  | { readonly zip: string; readonly files: number; readonly problems: readonly string[] }
  | { readonly isHalved: true }

export type Zip = Extract<Part, { zip: string }>

export interface Retrieving {
  readonly context: RetrieveContext
  readonly org: Org
}

export async function retrieveParts(tools: Retrieving, members: readonly Member[]): Promise<Zip[]> {
  const zips: Zip[] = []
  const chunks = chunksOf(members)
  for (const [at, chunk] of chunks.entries()) {
    const progress = { phase: 'retrieving', percent: null, done: at, total: chunks.length, unit: 'parts' }
    zips.push(...(await retrievePart({ ...tools, progress }, `${at + 1}`, chunk)))
  }
  return zips
}

interface Tools extends Retrieving {
  readonly progress: Progress
}

async function retrievePart(tools: Tools, key: string, chunk: readonly Member[]): Promise<Zip[]> {
  const { context } = tools
  const file = join(context.kept, `${key}.json`)
  const part = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Part)
    : await retrieveOne(tools, key, chunk)
  if ('zip' in part) return [part]
  const halves = halvesOf(chunk) ?? []
  const found: Zip[] = []
  for (const [at, half] of halves.entries()) found.push(...(await retrievePart(tools, `${key}${'ab'[at]}`, half)))
  return found
}

async function retrieveOne({ context, org, progress }: Tools, key: string, chunk: readonly Member[]): Promise<Part> {
  const job = retrieveJob(org, typesOf(chunk), `retrieve of ${chunk.length} components`)
  const progressOf = ({ status }: RetrieveStatus, id: string) => ({
    ...progress,
    message: `${job.name} ${id}: ${status}`,
  })
  const { status } = await runRemoteJob(context, org, { ...job, progressOf }, memoOf(context, key))
  const part = await partOf(status, key, chunk, { context, org })
  await writeWhole(context.kept, `${key}.json`, JSON.stringify(part))
  return part
}

async function partOf(
  status: RetrieveStatus,
  key: string,
  chunk: readonly Member[],
  { context, org }: Retrieving,
): Promise<Part> {
  const { success, zipFile, messages, fileProperties, errorStatusCode: code } = status
  if (success) {
    await writeWhole(context.kept, `${key}.zip`, Buffer.from(zipFile, 'base64'))
    const problems = [messages ?? []].flat().map(({ problem }) => problem)
    return { zip: `${key}.zip`, files: [fileProperties ?? []].flat().length, problems }
  }
  const message = status.errorMessage ?? status.status
  if (isTooBig(status) && halvesOf(chunk)) {
    context.log.info(
      `${chunk.length} components are too large for org ${org.alias} at once, they are halved: ${message}`,
    )
    return { isHalved: true }
  }
  throw new SalesforceError({ message, ...(code && { code }) }, { org: org.alias, step: 'retrieving metadata' })
}

/** The checkpoint names the one retrieve that goes on. */
function memoOf({ checkpoint, saveCheckpoint }: RetrieveContext, key: string): Memo {
  const saved = checkpoint as { readonly key?: string; readonly job?: JobState } | null
  let state = saved?.key === key ? (saved.job ?? null) : null
  return {
    read: () => state,
    async write(job) {
      await saveCheckpoint({ key, job } as unknown as Json)
      state = job
    },
  }
}
