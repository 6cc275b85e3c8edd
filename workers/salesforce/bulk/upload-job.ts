/**
 * One ingest job: made, given its data exactly once, and closed; then it runs. Where nobody knows whether its data came
 * whole, it is stopped before it has begun, and another is made: never is data put twice into one.
 *
 *     making ──▶ created ──PUT──▶ uploaded ──UploadComplete──▶ submitted ──▶ over
 *        └────────────└── unsure, or stopped by somebody ──▶ aborted ──▶ making
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { SalesforceError } from '../errors.ts'
import type { Org } from '../org.ts'
import { PACES, poll } from '../poll.ts'
import { TIMEOUTS } from '../timeouts.ts'
import { pause } from '../transport.ts'
import { abortJob, type BulkJob, createJob, isOver, openJobs, readJob, setState } from './job.ts'
import type { BulkContext } from './query.ts'
import type { Chunk, Split } from './split.ts'

export type IngestJobState =
  /** The org may have it, since then, and nobody knows its id. */
  | { readonly phase: 'making'; readonly at: string }
  /** `created`: it may have data, and does not run. `submitted`: it runs, or has run. */
  | { readonly phase: 'created' | 'submitted'; readonly id: string }

export interface IngestJobMemo {
  read(): IngestJobState | null
  write(state: IngestJobState | null): Promise<void>
}

/** The request that makes a job. */
export interface UploadRequest {
  readonly object: string
  readonly operation: string
  readonly [more: string]: unknown
}

export interface UploadJob {
  readonly job: UploadRequest
  readonly file: string
  readonly split: Split
  readonly chunk: Chunk
  readonly onLook: (job: BulkJob) => void
}

const maxTries = 4

/** From wherever an earlier attempt came to, to the end of the job. */
export async function runUploadJob(
  context: BulkContext,
  org: Org,
  upload: UploadJob,
  memo: IngestJobMemo,
): Promise<BulkJob> {
  const id = await submitted(context, org, upload, memo)
  org.step = `looking at the ingest job ${id}`
  const { pollSeconds } = context.input
  const look = async () => {
    const job = await readJob(org, 'ingest', id)
    upload.onLook(job)
    return job
  }
  return poll(look, isOver, { pace: PACES.bulk, pollSeconds, signal: context.signal })
}

async function submitted(context: BulkContext, org: Org, upload: UploadJob, memo: IngestJobMemo): Promise<string> {
  const known = memo.read()
  if (known?.phase === 'submitted') return known.id
  if (known?.phase === 'making') await stopMaking(context, org, upload.job, known)
  if (known?.phase === 'created' && (await isSubmitted(org, known.id))) {
    await memo.write({ phase: 'submitted', id: known.id })
    return known.id
  }
  for (let tries = 1; ; tries++) {
    const id = await made(context, org, upload, memo)
    try {
      await put(org, upload, id)
      org.step = `closing the ingest job ${id}`
      const { state } = await setState(org, 'ingest', id, 'UploadComplete')
      if (state === 'Aborted') throw stopped(org, id)
      await memo.write({ phase: 'submitted', id })
      return id
    } catch (error) {
      if (!(error instanceof SalesforceError && mayBeMadeAnew(error)) || tries === maxTries) throw error
      context.log.warn(`${error.message} The job ${id} is given up and another one made.`)
      if (await isSubmitted(org, id)) {
        await memo.write({ phase: 'submitted', id })
        return id
      }
    }
  }
}

/** One that does not run yet is stopped: another is to take its place. */
async function isSubmitted(org: Org, id: string): Promise<boolean> {
  org.step = `looking at the ingest job ${id}`
  const { state } = await readJob(org, 'ingest', id)
  if (state === 'Open') await abortJob(org, 'ingest', id)
  return state !== 'Open' && state !== 'Aborted'
}

/** Of a job that has not run: whoever stopped it, no row is in. */
function mayBeMadeAnew({ isUnsure, salesforceCode }: SalesforceError): boolean {
  return isUnsure || (salesforceCode?.startsWith('INVALIDJOB') ?? false)
}

function stopped({ alias, step }: Org, id: string): SalesforceError {
  const message = `the job ${id} was stopped before it began`
  return new SalesforceError({ code: 'INVALIDJOBSTATE', message }, { org: alias, step })
}

async function made(context: BulkContext, org: Org, { job }: UploadJob, memo: IngestJobMemo): Promise<string> {
  for (let tries = 1; ; tries++) {
    const making = { phase: 'making', at: org.now.toISOString() } as const
    await memo.write(making)
    org.step = 'making an ingest job'
    try {
      const submission = {
        refused: () => memo.write(null),
        again: () => memo.write({ phase: 'making', at: org.now.toISOString() }),
      }
      const { id } = await createJob(org, 'ingest', job, { submission })
      await memo.write({ phase: 'created', id })
      return id
    } catch (error) {
      if (!(error instanceof SalesforceError && error.isUnsure) || tries === maxTries) throw error
      context.log.warn(`${error.message} Another one is made.`)
      await stopMaking(context, org, job, making)
    }
  }
}

/**
 * Stops the job that was made without an answer. Jobs have no name: where there are several open ones of this user and
 * object since then, others may be those of other tasks, and are left alone; where the one is another task's after all,
 * that task makes itself another.
 */
export async function stopMaking(
  { log, input, signal }: Pick<BulkContext, 'log' | 'input' | 'signal'>,
  org: Org,
  { object, operation }: Pick<UploadRequest, 'object' | 'operation'>,
  { at }: IngestJobState & { readonly phase: 'making' },
): Promise<void> {
  org.step = 'looking for an ingest job whose making got no answer'
  // What is on its way may arrive a moment later.
  await pause((input.pollSeconds ?? PACES.bulk.firstMs / 1_000) * 1_000, signal)
  const lost = await openJobs(org, { kind: 'ingest', object, operation, from: new Date(Date.parse(at) - clockMs) })
  const [only] = lost
  if (only && lost.length === 1) {
    log.info(`org ${org.alias}: the ingest job ${only.id}, which was made without an answer, is stopped`)
    await abortJob(org, 'ingest', only.id)
  } else if (lost.length > 1) {
    const ids = lost.map(({ id }) => id).join(', ')
    log.warn(`org ${org.alias}: of the open ingest jobs ${ids} one may be nobody's: it has no data and never runs`)
  }
}

/** Salesforce says times in whole seconds. */
const clockMs = 1_000

async function put(org: Org, upload: UploadJob, id: string): Promise<void> {
  await org.send(`/jobs/ingest/${id}/batches`, {
    method: 'PUT',
    headers: { 'content-type': 'text/csv' },
    body: () => Readable.toWeb(Readable.from(bytesOf(upload))) as ReadableStream,
    timeoutMs: TIMEOUTS.upload,
    repeatable: false,
    step: `uploading ${upload.chunk.records} records into the ingest job ${id}`,
  })
}

async function* bytesOf({ file, split: { header }, chunk }: UploadJob): AsyncGenerator<Buffer> {
  for (const { start, end } of [header, chunk]) yield* createReadStream(file, { start, end: end - 1 })
}
