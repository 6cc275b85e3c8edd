import type { JsonObject } from './json.ts'

/** Why an attempt or a task failed: the closed list that clients match on. */
export const TASK_ERROR_CODES = [
  'TASK_FAILED',
  'ABANDONED',
  'CRASHED',
  'OUT_OF_MEMORY',
  'TIMED_OUT',
  'SILENT',
  'CPU_LIMIT',
  'OUTPUT_LIMIT',
  'DISK_LIMIT',
  'DIRECTORY_LIMIT',
  'FILE_SIZE_LIMIT',
  'OPEN_FILES_LIMIT',
  'PROCESS_LIMIT',
  'NOT_STARTED',
  'SECRET_UNAVAILABLE',
  'CANCELLED',
  'EXPIRED',
  'POISON',
] as const

export interface TaskError {
  /** One of TASK_ERROR_CODES, or the code of the error that the task threw. */
  readonly code: string
  /** One sentence for a person. */
  readonly message: string
  readonly exitCode?: number
  readonly signal?: string
  /** The end of what the attempt printed, at most 4 KiB. */
  readonly lastOutput?: string
  /** What programs may want to know of it: of a limit `limit`, `reached` and `allowed`. */
  readonly details?: JsonObject
  readonly retryable: boolean
}

/** Why a request was refused: the closed list behind every problem and every stream error. */
export const REFUSAL_CODES = [
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'UNKNOWN_KIND',
  'INVALID_INPUT',
  'TOO_MANY',
  'RATE_LIMITED',
  'QUEUE_FULL',
  'STORE_FULL',
  'STOPPING',
  'INTERNAL',
] as const

export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** A request that cannot be done, and the sentence that tells its sender what to do. Carries no stack to strangers. */
export class Refusal extends Error {
  readonly code: RefusalCode
  /** When it is worth trying again, where that is known. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: RefusalCode, message: string, options: ErrorOptions & { retryAfterSeconds?: number } = {}) {
    super(message, options)
    this.name = 'Refusal'
    this.code = code
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
