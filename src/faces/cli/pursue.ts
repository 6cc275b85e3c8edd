/** Following one task to its end for whoever started it: a time that it has, what a signal means, and what is kept of it. */
import type { Command } from 'commander'
import type { ContractTask } from '../../contract/task.ts'
import { type Cancelling, cancelAfter } from './cancelling.ts'
import { oneOf } from './command.ts'
import { download } from './download.ts'
import { exitCodeOfTasks, Interrupted, UsageError } from './exit.ts'
import { follow, reattachLine } from './follow.ts'
import type { Interrupts } from './interrupts.ts'
import { PIPELINES } from './pipeline/pipeline.ts'
import { type ReportOptions, refuseNoPlace, report } from './pipeline/reports.ts'
import { numberOf } from './request.ts'
import type { Session } from './session.ts'
import { size } from './words.ts'

export interface PursueOptions extends ReportOptions {
  readonly timeout?: string
  readonly artifacts?: string
  readonly onInterrupt?: 'cancel' | 'leave'
}

export function withPursueFlags(command: Command): Command {
  return command
    .option('--timeout <seconds>', 'cancel the task when it has not ended by then; the exit code is 4')
    .option('--artifacts <directory>', 'download what the task kept, at its end')
    .option('--junit <file>', 'write a report in the XML of JUnit')
    .option('--sarif <file>', 'write what was found as SARIF')
    .option('--code-quality <file>', "write what was found as GitLab's code quality report")
    .option('--summary <file>', "append a summary in Markdown (in GitHub Actions to the job's, when left out)")
    .addOption(
      oneOf('--on-interrupt <what>', 'at a signal: cancel (default in pipelines) or leave', ['cancel', 'leave']),
    )
    .addOption(oneOf('--ci <pipeline>', 'what reads the log, when the environment does not tell', PIPELINES))
}

/** Before anything is asked for. Throws UsageError. */
export function refuseOddPursuit(options: PursueOptions): void {
  timeoutMsOf(options)
  refuseNoPlace(options)
}

export function cancelsAtInterrupt({ pipeline }: Session, { onInterrupt }: PursueOptions): boolean {
  return (onInterrupt ?? (pipeline === 'none' ? 'leave' : 'cancel')) === 'cancel'
}

export interface Surroundings {
  readonly interrupts?: Interrupts | undefined
  /** What to say to somebody who leaves, in place of how to come back. */
  readonly farewell?: string | undefined
  /** The directory that the task looks at, where it was sent. */
  readonly sent?: string | undefined
}

/** Resolves with the exit code. Throws Interrupted when it is left. */
export async function pursue(
  session: Session,
  task: ContractTask,
  options: PursueOptions,
  { interrupts, farewell = reattachLine(session, [task]), sent }: Surroundings = {},
): Promise<number> {
  const cancellings: Cancelling[] = []
  const cancel = (afterMs: number, reason: string) => cancellings.push(cancelAfter(session, task.id, afterMs, reason))
  const timeoutMs = timeoutMsOf(options)
  if (timeoutMs !== undefined) cancel(timeoutMs, `it had not ended after ${timeoutMs / 1000} s`)
  const onInterrupt = cancelsAtInterrupt(session, options)
    ? () => void cancel(0, 'its pipeline was stopped')
    : undefined
  try {
    const ended = await follow(session, [task], { onInterrupt, ...(interrupts && { interrupts }) })
    if (options.artifacts !== undefined) await downloadAll(session, task, options.artifacts)
    for (const one of ended) await report(session, one, options, sent)
    return exitCodeOfTasks(ended)
  } catch (error) {
    const isCancelled = cancellings.some(({ isTaken }) => isTaken)
    if (error instanceof Interrupted)
      session.out.note(isCancelled ? `the task ${task.id} is being cancelled` : farewell)
    throw error
  } finally {
    for (const cancelling of cancellings) cancelling.stop()
  }
}

/** Timers know no longer one. */
const longestTimeoutSeconds = 2_000_000

function timeoutMsOf({ timeout }: PursueOptions): number | undefined {
  if (timeout === undefined) return undefined
  const seconds = numberOf('--timeout', timeout)
  if (seconds > 0 && seconds <= longestTimeoutSeconds) return seconds * 1000
  throw new UsageError(`--timeout must be above 0 and at most ${longestTimeoutSeconds}, not ${timeout}`)
}

async function downloadAll({ client, out }: Session, task: ContractTask, directory: string): Promise<void> {
  await download(client, task.id, directory, ({ path, bytes }) => out.note(`${path} (${size(bytes)})`))
}
