/** What an org has of the members of a manifest, part by part: what has come is kept, and not asked for again. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import type { Json } from '../../src/task/json.ts'
import { chunksOf, type Member, typesOf } from '../backup/chunks.ts'
import type { Context } from '../context.ts'
import { SalesforceError } from '../salesforce/errors.ts'
import type { Org } from '../salesforce/org.ts'
import { PACES } from '../salesforce/poll.ts'
import { type JobState, type Memo, type RemoteJob, runRemoteJob } from '../salesforce/remote-job.ts'
import type { Files } from './compare.ts'

type RetrieveContext = Pick<Context<{ readonly pollSeconds?: number }>, keyof Context>

interface RetrieveStatus {
  readonly done: boolean
  readonly status: string
  readonly success: boolean
  readonly zipFile: string
  readonly errorMessage?: string | null
  readonly errorStatusCode?: string | null
}

export async function retrieveAll(context: RetrieveContext, org: Org, members: readonly Member[]): Promise<Files> {
  const files = new Map<string, Uint8Array>()
  const chunks = chunksOf(members)
  const jobs: Record<string, JobState> = { ...(context.checkpoint as unknown as Record<string, JobState> | null) }
  for (const [at, chunk] of chunks.entries()) {
    const percent = Math.floor((100 * at) / chunks.length)
    context.progress({ phase: 'retrieving', percent, done: at, total: chunks.length, unit: 'parts' })
    const bytes = await retrieve(context, org, chunk, `${context.kept}/part-${at}.zip`, memoOf(context, jobs, at))
    for (const [path, content] of Object.entries(unzipSync(bytes)))
      if (!path.endsWith('/')) files.set(path.replace(/^unpackaged\//, ''), content)
  }
  return files
}

function memoOf(context: RetrieveContext, jobs: Record<string, JobState>, at: number): Memo {
  return {
    read: () => jobs[at] ?? null,
    async write(state) {
      jobs[at] = state
      await context.saveCheckpoint(jobs as unknown as Json)
    },
  }
}

async function retrieve(
  context: RetrieveContext,
  org: Org,
  chunk: readonly Member[],
  file: string,
  memo: Memo,
): Promise<Uint8Array> {
  if (existsSync(file)) return readFileSync(file)
  const { status } = await runRemoteJob(context, org, jobOf(org, chunk), memo)
  if (!status.success) {
    const message = status.errorMessage ?? status.status
    const code = status.errorStatusCode ?? undefined
    throw new SalesforceError({ message, ...(code && { code }) }, { org: org.alias, step: 'retrieving metadata' })
  }
  const bytes = Buffer.from(status.zipFile, 'base64')
  writeFileSync(`${file}.new`, bytes, { flush: true })
  renameSync(`${file}.new`, file)
  return bytes
}

function jobOf(org: Org, chunk: readonly Member[]): RemoteJob<RetrieveStatus> {
  return {
    name: `retrieve of ${chunk.length} members`,
    pace: PACES.retrieve,
    async submit() {
      const unpackaged = { types: typesOf(chunk), version: org.apiVersion }
      const request = { apiVersion: org.apiVersion, singlePackage: true, unpackaged }
      return (await (await org.metadata()).retrieve(request as never)).id
    },
    // Asking twice does no harm.
    find: async () => null,
    look: async (id) => (await (await org.metadata()).checkRetrieveStatus(id)) as unknown as RetrieveStatus,
    isOver: ({ done }) => done,
    stateOf: ({ status }) => status,
  }
}
