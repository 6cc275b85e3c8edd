/** The work of bulk.ingest: from an upload into an org, with what came of every row as artifacts. */
import { existsSync } from 'node:fs'
import type { Json } from '../../../src/task/json.ts'
import type { Context } from '../../context.ts'
import { FatalError, invalidInput } from '../../errors/steering.ts'
import type { OrgInput } from '../input.ts'
import { openOrg } from '../org.ts'
import {
  bulkIngest,
  type Ingest,
  type IngestCounts,
  type IngestMemo,
  type IngestState,
  RESULT_FILES,
} from './ingest.ts'
import { abortJob } from './job.ts'
import { stopMaking } from './upload-job.ts'

interface Input extends OrgInput, Ingest {
  readonly upload: string
  readonly failOn?: 'any' | 'all' | 'never'
}

export async function ingestUpload(context: Context<Input>) {
  const { input, checkpoint } = context
  if ((input.operation === 'upsert') !== (input.externalIdField !== undefined))
    throw invalidInput('externalIdField goes with the operation upsert, which needs it')
  const source = context.upload(input.upload)
  const org = await openOrg(context, versionOf(checkpoint))
  try {
    const counts = await bulkIngest(context, org, input, { source, directory: context.kept }, memoOf(context))
    if (isFailure(counts, input.failOn)) throw failure(counts, org.alias, input)
    context.log.info(`org ${org.alias}: ${sentence(counts, input)}`)
    return { ...counts, apiUsage: org.apiUsage }
  } finally {
    await publish(context)
  }
}

function versionOf(checkpoint: Json) {
  const { apiVersion } = (checkpoint ?? {}) as { apiVersion?: string }
  return apiVersion === undefined ? {} : { apiVersion }
}

async function publish({ artifact, kept }: Context<Input>): Promise<void> {
  for (const name of RESULT_FILES) {
    const file = `${kept}/${name}.csv`
    if (existsSync(file)) await artifact(`${name}.csv`, file, { contentType: 'text/csv' })
  }
}

function isFailure({ failed, succeeded }: IngestCounts, failOn: Input['failOn'] = 'all'): boolean {
  if (failOn === 'never' || failed === 0) return false
  return failOn === 'any' || succeeded === 0
}

function sentence({ succeeded, failed, retried }: IngestCounts, { operation, object }: Input): string {
  const again = retried > 0 ? `, ${retried} of them tried again` : ''
  return `${operation} of ${object}: ${succeeded} rows succeeded, ${failed} failed${again}`
}

function failure(counts: IngestCounts, org: string, input: Input): Error {
  return new FatalError(`org ${org}, ${sentence(counts, input)}: the artifact failed.csv says why, row by row`, {
    code: 'VALIDATION',
  })
}

/** The rest does not begin; rows that are in stay in. */
export async function stopIngest(context: Context<Input>): Promise<void> {
  const state = context.checkpoint as unknown as IngestState | null
  if (!state?.job) return
  const org = await openOrg(context, { apiVersion: state.apiVersion, isCleanup: true })
  if (state.job.phase === 'making') return stopMaking(context, org, context.input, state.job)
  org.step = `stopping the ingest job ${state.job.id}`
  const remoteState = await abortJob(org, 'ingest', state.job.id)
  const message = `org ${org.alias}: the ingest job ${state.job.id} is ${remoteState} in the org; rows that are in stay in`
  context.log.info(message, { id: state.job.id, remoteState })
}

function memoOf({ checkpoint, saveCheckpoint }: Context<Input>): IngestMemo {
  let state = checkpoint as unknown as IngestState | null
  return {
    read: () => state,
    async write(next) {
      await saveCheckpoint(next as unknown as Json)
      state = next
    },
  }
}
