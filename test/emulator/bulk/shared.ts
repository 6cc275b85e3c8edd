import { type Answer, ApiError, empty, json } from '../answer.ts'
import type { EmulatedOrg } from '../org.ts'
import type { EmulatedRequest } from '../request.ts'
import { writerOf } from '../rest/api.ts'
import { delimiters } from './csv.ts'
import { isOver, type Job, shownJob, wrongState } from './jobs.ts'

/** What a client says of a new job. */
export interface JobRequest {
  readonly operation?: string
  readonly object?: string
  readonly query?: string
  readonly externalIdFieldName?: string
  readonly columnDelimiter?: string
  readonly lineEnding?: string
  readonly state?: string
}

export function newJob(org: EmulatedOrg, request: EmulatedRequest, asked: JobRequest): Omit<Job, 'kind' | 'state'> {
  const { operation = '', object = '', columnDelimiter = 'COMMA', lineEnding = 'LF' } = asked
  if (!(columnDelimiter in delimiters)) throw invalid(`Invalid columnDelimiter: ${columnDelimiter}`)
  if (lineEnding !== 'LF' && lineEnding !== 'CRLF') throw invalid(`Invalid lineEnding: ${lineEnding}`)
  return {
    id: org.makeId('750'),
    operation,
    object,
    columnDelimiter,
    lineEnding,
    apiVersion: request.params.version ?? '',
    createdById: writerOf(org, request),
    createdAtMs: org.now(),
    pace: { ...org.pace },
    polls: 0,
    processed: 0,
    failed: 0,
    errorMessage: null,
  }
}

/** The job that the URL names; only requests of the version that made it get it. */
export function jobOf<T extends Job>(org: EmulatedOrg, { params }: EmulatedRequest, kind: T['kind']): T {
  const job = org.jobs.get(params.id ?? '')
  if (job?.kind !== kind) throw new ApiError(404, 'NOTFOUND', 'The specified job was not found')
  if (job.apiVersion !== params.version) {
    throw new ApiError(409, 'INVALIDJOB', `The job was made with API version ${job.apiVersion}`)
  }
  return job as T
}

export function listJobs(org: EmulatedOrg, kind: Job['kind']): Answer {
  const records = org.jobs.all().filter((job) => job.kind === kind)
  return json({ done: true, records: records.map(shownJob), nextRecordsUrl: null })
}

export function removeJob(org: EmulatedOrg, job: Job): Answer {
  if (!isOver(job) && job.state !== 'UploadComplete') throw wrongState(`A job that is ${job.state} cannot be deleted`)
  org.jobs.remove(job.id)
  return empty()
}

export function invalid(message: string): ApiError {
  return new ApiError(400, 'INVALIDJOB', message)
}

/** Joins lines into pieces that are worth a write. */
export function* inPieces(lines: Iterable<string>, pieceCharacters = 65_536): Generator<string> {
  let piece: string[] = []
  let characters = 0
  for (const line of lines) {
    piece.push(line)
    characters += line.length
    if (characters >= pieceCharacters) {
      yield piece.join('')
      piece = []
      characters = 0
    }
  }
  if (piece.length > 0) yield piece.join('')
}
