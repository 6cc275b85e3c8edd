import type { ContractTask } from '../contract/task.ts'
import type { RefusalCode } from '../task/errors.ts'

/** What the client itself finds wrong; everything else has the server's code or the task's. */
type ClientCode =
  /** Nobody answers at the address, or not in time. */
  | 'UNREACHABLE'
  /** Something answers that is not a Mayfly, or not one of this version. */
  | 'UNEXPECTED'

/** Everything that goes wrong, by its code. */
export class MayflyError extends Error {
  /** A refusal's code, one of the client's own, or the code a task failed with. */
  readonly code: RefusalCode | ClientCode | (string & {})
  /** HTTP status, where there was an answer. */
  readonly status: number | null
  /** When the server said so: the time after which to ask again. */
  readonly retryAfterSeconds: number | null

  constructor(
    code: MayflyError['code'],
    message: string,
    { status = null, retryAfterSeconds = null, cause }: Partial<MayflyError> = {},
  ) {
    super(message, { cause })
    this.name = 'MayflyError'
    this.code = code
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The task came to another end than success; `code` is its error's, `CANCELLED` where it has none. */
export class TaskError extends MayflyError {
  readonly task: ContractTask

  constructor(task: ContractTask) {
    super(task.error?.code ?? 'CANCELLED', task.error?.message ?? `the task was ${task.state}`)
    this.name = 'TaskError'
    this.task = task
  }
}

const passingStatuses: ReadonlySet<number | null> = new Set([502, 503, 504])

/** Whether the same request may succeed in a moment. */
export function isPassing(error: unknown): error is MayflyError {
  return error instanceof MayflyError && (error.code === 'UNREACHABLE' || passingStatuses.has(error.status))
}
