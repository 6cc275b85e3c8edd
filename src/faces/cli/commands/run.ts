import type { Command } from 'commander'
import type { OneTimeValues } from '../../../client/one-time.ts'
import type { TaskRequest } from '../../../contract/request.ts'
import type { ContractTask } from '../../../contract/task.ts'
import { action, define, type Making } from '../command.ts'
import { ensureServer } from '../embedded.ts'
import { EXIT, UsageError } from '../exit.ts'
import { Interrupts } from '../interrupts.ts'
import { readOneTime, wipe } from '../one-time.ts'
import { earlierOf, isStillGood, named } from '../pipeline/again.ts'
import { runKeyOf } from '../pipeline/pipeline.ts'
import { cancelsAtInterrupt, type PursueOptions, pursue, refuseOddPursuit, withPursueFlags } from '../pursue.ts'
import { type RequestOptions, readRequest } from '../request.ts'
import type { Session } from '../session.ts'
import { withUpload } from '../upload.ts'
import { withRequestFlags } from './request-flags.ts'

interface Options extends RequestOptions, PursueOptions {
  readonly key?: string
  readonly detach?: boolean
  readonly new?: boolean
}

interface Asked {
  readonly request: TaskRequest
  readonly oneTime: OneTimeValues
}

export function runCommand(making: Making): Command {
  const summary = 'Run a task and follow it; the exit code is 0 succeeded, 1 failed, 4 cancelled'
  const command = withRequestFlags(define('run', summary, 'mayfly run exec --limit runSeconds=600 -- npm test'))
    .option('--detach', 'do not follow: print the id, for `mayfly attach`')
    .option('--new', 'in a pipeline: a new task, also where the same step of the same run has made one')
  return withPursueFlags(command).action(
    action<Options, [string, string[]]>(making, async (session, options, kind, words) => {
      refuseOddPursuit(options)
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

async function run(session: Session, asked: Asked, options: Options): Promise<number> {
  const embedded = await ensureServer(session)
  let interrupts: Interrupts | undefined
  try {
    if (options.detach && embedded) {
      throw new UsageError('--detach needs a server that goes on: start one with `mayfly serve`')
    }
    const task = await submitOnce(session, asked, options, () => {
      // From here on there may be a task, and its end is what a signal is to bring about.
      if (cancelsAtInterrupt(session, options)) interrupts = new Interrupts(session.io)
    })
    wipe(asked.oneTime)
    if (options.detach) {
      session.out.document(task, () => task.id)
      return EXIT.OK
    }
    const farewell = embedded && farewellOf(session, task)
    return await pursue(session, task, options, { interrupts, farewell, sent: options.upload })
  } finally {
    interrupts?.stop()
    await embedded?.stop()
  }
}

/** A new task, or that which the same step of the same run of a pipeline has made and which has come to no bad end. */
async function submitOnce(
  session: Session,
  { request, oneTime }: Asked,
  options: Options,
  beforeIt: () => void,
): Promise<ContractTask> {
  const { client, io, out } = session
  const asked = [request, options.upload, options.secret]
  const key = options.key === undefined ? runKeyOf(session.pipeline, io.env, asked) : undefined
  const earlier = key === undefined ? undefined : await earlierOf(client, key)
  if (earlier && !options.new && (await isStillGood(client, earlier))) {
    out.note(`this run of the pipeline has ${earlier.id} for that already: it is followed; --new makes another one`)
    return earlier
  }
  const whole = await withUpload(client, request, options.upload)
  const once = key === undefined ? { request: whole, idempotencyKey: options.key } : named(whole, key, earlier)
  beforeIt()
  return client.submit(once.request, { idempotencyKey: once.idempotencyKey, oneTime })
}

function farewellOf(session: Session, task: ContractTask): string {
  return (
    `the task waits for the next server with its data in ${session.settings.data.value}: ` +
    `start one with \`${session.again('serve')}\`, then ${session.again('watch', task.id)}`
  )
}
