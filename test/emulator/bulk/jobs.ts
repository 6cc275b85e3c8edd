import { ApiError } from '../answer.ts'
import { salesforceTime } from '../time.ts'

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

/** How often a poll finds a job waiting, then working. */
export interface Pace {
  readonly waiting: number
  readonly working: number
}

/** What every job of Bulk 2.0 has. */
export interface Job {
  readonly id: string
  readonly kind: 'query' | 'ingest'
  readonly operation: string
  readonly object: string
  readonly apiVersion: string
  readonly columnDelimiter: string
  readonly lineEnding: string
  readonly createdById: string
  readonly createdAtMs: number
  readonly pace: Pace
  state: JobState
  polls: number
  processed: number
  failed: number
  errorMessage: string | null
}

/** What befalls the next job that is made. */
interface Fate {
  readonly pace?: Pace
  /** The job fails with this message instead of working. */
  readonly failure?: string
}

/** Jobs of one org, in the order in which they were made. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  readonly #doomed = new Map<string, string>()
  #fates: Fate[] = []

  /** Applies to the next job that is made. */
  next(fate: Fate): void {
    this.#fates.push(fate)
  }

  add<T extends Job>(job: T): T {
    const fate = this.#fates.shift()
    const kept = fate?.pace ? { ...job, pace: fate.pace } : job
    if (fate?.failure !== undefined) this.#doomed.set(job.id, fate.failure)
    this.#jobs.set(job.id, kept)
    return kept
  }

  all(): Job[] {
    return [...this.#jobs.values()]
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id)
  }

  remove(id: string): void {
    this.#jobs.delete(id)
  }

  failureOf(job: Job): string | undefined {
    return this.#doomed.get(job.id)
  }
}

export function isOver({ state }: Job): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted'
}

/**
 * One poll: what the job has come to since the last. `work` is told which part of the work is to be done by now, from
 * above 0 to 1.
 */
export function advance(job: Job, failure: string | undefined, work: (part: number) => void): void {
  if (job.state !== 'UploadComplete' && job.state !== 'InProgress') return
  const { waiting, working } = job.pace
  const polls = job.polls
  job.polls += 1
  if (polls < waiting) return
  if (failure !== undefined) {
    fail(job, failure)
    return
  }
  const part = Math.min(1, (polls - waiting + 1) / (working + 1))
  job.state = part < 1 ? 'InProgress' : 'JobComplete'
  work(part)
}

export function fail(job: Job, message: string): void {
  job.state = 'Failed'
  job.errorMessage = message
}

export function abort(job: Job): void {
  if (isOver(job)) throw wrongState(`Aborting already Completed Job not allowed. Job state: ${job.state}`)
  job.state = 'Aborted'
}

export function wrongState(message: string): ApiError {
  return new ApiError(400, 'INVALIDJOBSTATE', message)
}

/** A job as the API shows it. */
export function shownJob(job: Job): Record<string, unknown> {
  const { id, kind, operation, object, state, columnDelimiter, lineEnding, createdById, errorMessage } = job
  const stamp = salesforceTime(job.createdAtMs)
  return {
    id,
    operation,
    object,
    createdById,
    createdDate: stamp,
    systemModstamp: stamp,
    state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.apiVersion),
    jobType: kind === 'query' ? 'V2Query' : 'V2Ingest',
    lineEnding,
    columnDelimiter,
    numberRecordsProcessed: job.processed,
    ...(kind === 'ingest' ? { numberRecordsFailed: job.failed, apexProcessingTime: 0 } : {}),
    ...(errorMessage === null ? {} : { errorMessage }),
    retries: 0,
    totalProcessingTime: job.polls * 10,
    apiActiveProcessingTime: job.polls * 5,
  }
}
