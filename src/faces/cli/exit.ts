import { MayflyError } from '../../client/errors.ts'
import type { ContractTask } from '../../contract/task.ts'

/** What scripts may rely on. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  REFUSED: 3,
  CANCELLED: 4,
  UNREACHABLE: 5,
  INTERRUPTED: 130,
} as const

/** The command was not understood; the sentence says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something other than the command and the server is in the way; the sentence says what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.FAILED, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.USAGE
  if (error instanceof CommandError) return error.exitCode
  if (error instanceof Interrupted) return EXIT.INTERRUPTED
  if (error instanceof MayflyError) return error.code === 'UNREACHABLE' ? EXIT.UNREACHABLE : EXIT.REFUSED
  return EXIT.FAILED
}

/** Of several tasks the worst counts. */
export function exitCodeOfTasks(tasks: readonly Pick<ContractTask, 'state'>[]): number {
  if (tasks.some(({ state }) => state === 'failed')) return EXIT.FAILED
  return tasks.some(({ state }) => state === 'cancelled') ? EXIT.CANCELLED : EXIT.OK
}
