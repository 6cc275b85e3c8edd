import type { Command } from 'commander'
import { isPassing } from '../../../client/errors.ts'
import type { OneTimeValues } from '../../../client/one-time.ts'
import type { TaskRequest } from '../../../contract/request.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { action, define, type Making } from '../command.ts'
import { download } from '../download.ts'
import { ensureServer } from '../embedded.ts'
import { EXIT, exitCodeOfTasks, Interrupted, UsageError } from '../exit.ts'
import { follow, reattachLine } from '../follow.ts'
import { readOneTime, wipe } from '../one-time.ts'
import { numberOf, type RequestOptions, readRequest } from '../request.ts'
import type { Session } from '../session.ts'
import { withUpload } from '../upload.ts'
import { size } from '../words.ts'
import { withRequestFlags } from './request-flags.ts'

interface Options extends RequestOptions {
  readonly key?: string
  readonly detach?: boolean
  readonly timeout?: string
  readonly artifacts?: string
}

interface Asked {
  readonly request: TaskRequest
  readonly oneTime: OneTimeValues
}

export function runCommand(making: Making): Command {
  const summary = 'Run a task and follow it; the exit code is 0 succeeded, 1 failed, 4 cancelled'
  return withRequestFlags(define('run', summary, 'mayfly run exec --limit runSeconds=600 -- npm test'))
    .option('--detach', 'do not follow: print the id')
    .option('--timeout <seconds>', 'cancel the task when it has not ended by then; the exit code is 4')
    .option('--artifacts <directory>', 'download what the task kept, at its end')
    .action(
      action<Options, [string, string[]]>(making, async (session, options, kind, words) => {
        const request = await readRequest(session.io, kind, words, options)
        const oneTime = await readOneTime(session.io, options.secret)
        try {
          return await run(session, { request, oneTime }, options)
        } finally {
          wipe(oneTime)
        }
      }),
    )
}

async function run(session: Session, { request, oneTime }: Asked, options: Options): Promise<number> {
  const timeoutSeconds = options.timeout === undefined ? undefined : timeoutOf(options.timeout)
  const embedded = await ensureServer(session)
  try {
    if (options.detach && embedded) {
      throw new UsageError('--detach needs a server that goes on: start one with `mayfly serve`')
    }
    const { client } = session
    const whole = await withUpload(client, request, options.upload)
    const task = await client.submit(whole, { idempotencyKey: options.key, oneTime })
    wipe(oneTime)
    if (options.detach) {
      session.out.document(task, () => task.id)
      return EXIT.OK
    }
    return await followToEnd(session, task, { ...options, timeoutSeconds }, embedded !== undefined)
  } finally {
    await embedded?.stop()
  }
}

/** Timers know no longer one. */
const longestTimeoutSeconds = 2_000_000

function timeoutOf(text: string): number {
  const seconds = numberOf('--timeout', text)
  if (seconds > 0 && seconds <= longestTimeoutSeconds) return seconds
  throw new UsageError(`--timeout must be above 0 and at most ${longestTimeoutSeconds}, not ${text}`)
}

interface Following {
  readonly timeoutSeconds: number | undefined
  readonly artifacts?: string
}

async function followToEnd(
  session: Session,
  task: ContractTask,
  { timeoutSeconds, artifacts }: Following,
  isEmbedded: boolean,
): Promise<number> {
  const stop = timeoutSeconds === undefined ? () => {} : cancelAfter(session, task, timeoutSeconds)
  try {
    const ended = await follow(session, [task])
    if (artifacts !== undefined) await downloadAll(session, task, artifacts)
    return exitCodeOfTasks(ended)
  } catch (error) {
    if (error instanceof Interrupted) session.out.note(farewell(session, task, isEmbedded))
    throw error
  } finally {
    stop()
  }
}

const againMs = 1_000

/** Asks for it again and again while the server is away: a time that was given is meant. Returns what calls it off. */
function cancelAfter({ client, out }: Session, { id }: ContractTask, seconds: number): () => void {
  let timer = setTimeout(cancel, seconds * 1000)
  function cancel() {
    client.cancel(id, `it had not ended after ${seconds} s`).catch((error) => {
      if (isPassing(error)) timer = setTimeout(cancel, againMs)
      // It may have ended at this very moment.
      else if (error.code !== 'CONFLICT') out.note(`the task could not be cancelled: ${error.message}`)
    })
  }
  return () => clearTimeout(timer)
}

function farewell(session: Session, task: ContractTask, isEmbedded: boolean): string {
  if (!isEmbedded) return reattachLine(session, [task])
  return (
    `the task waits for the next server with its data in ${session.settings.data.value}: ` +
    `start one with \`${session.again('serve')}\`, then ${session.again('watch', task.id)}`
  )
}

async function downloadAll({ client, out }: Session, task: ContractTask, directory: string): Promise<void> {
  await download(client, task.id, directory, ({ path, bytes }) => out.note(`${path} (${size(bytes)})`))
}
