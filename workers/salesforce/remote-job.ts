/**
 * Work that goes on in the org: submit it, save its id before the first look, look until it is over. An attempt that ends
 * leaves it running, and the next one looks on. Where nobody knows whether a submission arrived, it is looked for in the
 * org before it is made again; so nothing is submitted twice.
 *
 *     submitting ──▶ submitted ──▶ over
 *         ├─ lost: found ──▶ submitted, not found ──▶ submitting
 *         └─ refused ──▶ submitting
 */
import { randomUUID } from 'node:crypto'
import type { Progress } from '../../src/task/task.ts'
import type { Context } from '../context.ts'
import { FatalError } from '../errors/steering.ts'
import { SalesforceError } from './errors.ts'
import type { Org } from './org.ts'
import { intervals, type Pace } from './poll.ts'
import { pause, type Submission, throwIfStopped } from './transport.ts'

export interface RemoteJob<Status> {
  /** In sentences: "deployment". */
  readonly name: string
  readonly pace: Pace
  /** What it takes to submit it, such as its sources: what fails here was not submitted. */
  prepare?(): Promise<unknown>
  /**
   * Returns the id in the org. `nonce` is this submission's own, for jobs that can carry one. Jobs that look like those of
   * other tasks hand `submission` to their one call: what was refused is not looked for among them.
   */
  submit(nonce: string, submission: Submission): Promise<string>
  /** The id of what an earlier submission has begun; null when it did not arrive. Without it a lost submission fails. */
  find?(begun: Begun): Promise<string | null>
  /** In place of `find`, for jobs that nothing tells apart: stops the one that may be it, whose id it returns. */
  stopLost?(begun: Begun): Promise<string | null>
  look(id: string): Promise<Status>
  isOver(status: Status): boolean
  /** Salesforce's own word for it. */
  stateOf(status: Status): string
  progressOf?(status: Status, id: string): Progress
  /** Of jobs that can be stopped. */
  cancel?(id: string): Promise<unknown>
}

interface Begun {
  readonly nonce: string
  readonly at: Date
}

/** What is saved of a job; members of a checkpoint, or all of it. */
export type JobState =
  | { readonly phase: 'submitting'; readonly nonce: string; readonly at: string }
  | { readonly phase: 'submitted'; readonly id: string; readonly at: string }
  | { readonly phase: 'refused'; readonly at: string }

/** Where the state of one job is saved. */
export interface Memo {
  read(): JobState | null
  write(state: JobState): Promise<void>
}

export interface Run<Status> {
  readonly id: string
  readonly status: Status
}

type JobContext = Pick<Context, 'signal' | 'log' | 'progress'> & { readonly input: { readonly pollSeconds?: number } }

/** From wherever an earlier attempt came to, to the end of the job in the org. */
export async function runRemoteJob<Status>(
  context: JobContext,
  org: Org,
  job: RemoteJob<Status>,
  memo: Memo,
): Promise<Run<Status>> {
  const id = await submitOnce(context, org, job, memo)
  return { id, status: await untilOver(context, org, job, id) }
}

const maxSubmissions = 4

/** The id of the job, which is submitted unless it already was. */
export async function submitOnce<Status>(
  context: JobContext,
  org: Org,
  job: RemoteJob<Status>,
  memo: Memo,
): Promise<string> {
  for (let submissions = 0; submissions < maxSubmissions; ) {
    const state = memo.read()
    if (state?.phase === 'submitted') return state.id
    const found = state?.phase === 'submitting' && (await reconcile(context, org, job, state))
    if (found) {
      await memo.write({ phase: 'submitted', id: found, at: state.at })
      continue
    }
    submissions++
    throwIfStopped(context.signal)
    await job.prepare?.()
    const nonce = randomUUID()
    let at = org.now.toISOString()
    const begin = () => memo.write({ phase: 'submitting', nonce, at })
    const refused = () => memo.write({ phase: 'refused', at })
    const again = () => {
      at = org.now.toISOString()
      return begin()
    }
    await begin()
    const id = await submit(context, org, job, { nonce, submission: { refused, again } })
    if (id !== null) await memo.write({ phase: 'submitted', id, at })
  }
  const message = `org ${org.alias}: the ${job.name} was submitted ${maxSubmissions} times, no answer came and the org knows none of them. Look at the network`
  throw Object.assign(new Error(message), { code: 'NETWORK_TRANSIENT', retryable: true })
}

const isId = /^\w{1,40}$/

/** Null when nobody knows whether it arrived. */
async function submit<Status>(
  { log }: JobContext,
  org: Org,
  job: RemoteJob<Status>,
  { nonce, submission }: { readonly nonce: string; readonly submission: Submission },
): Promise<string | null> {
  org.step = `submitting the ${job.name}`
  try {
    const id: unknown = await job.submit(nonce, submission)
    // Of a job by another name nothing would ever be heard.
    if (typeof id !== 'string' || !isId.test(id)) throw org.transport.strange('no id of a job', org)
    log.info(`org ${org.alias}: the ${job.name} ${id} is submitted`)
    return id
  } catch (error) {
    if (!(error instanceof SalesforceError && error.isUnsure && (job.find ?? job.stopLost))) throw error
    log.warn(`${error.message} Whether it arrived is looked up in the org.`)
    return null
  }
}

async function reconcile<Status>(
  { log, signal, input }: JobContext,
  org: Org,
  job: RemoteJob<Status>,
  begun: JobState & { phase: 'submitting' },
): Promise<string | null> {
  if (!job.find && !job.stopLost) {
    throw new FatalError(
      `org ${org.alias}: nobody knows whether the ${job.name} of ${begun.at} was submitted. Look in the org, and submit this task again if it was not`,
    )
  }
  org.step = `looking for the ${job.name} whose submission got no answer`
  // What is on its way may arrive a moment later.
  await pause((input.pollSeconds ?? job.pace.firstMs / 1_000) * 1_000, signal)
  const asked = { nonce: begun.nonce, at: new Date(begun.at) }
  const stopped = await job.stopLost?.(asked)
  if (stopped) log.info(`org ${org.alias}: the ${job.name} ${stopped}, which got no answer, is stopped in the org`)
  if (!job.find) return null
  const id = await job.find(asked)
  log.info(
    id === null
      ? `org ${org.alias}: the ${job.name} had not arrived`
      : `org ${org.alias}: the ${job.name} ${id} had arrived, it goes on`,
  )
  return id
}

/** So long a job is looked for in vain before this attempt gives up, and the next one begins to. */
const maxBlindMs = 30 * 60_000

async function untilOver<Status>(context: JobContext, org: Org, job: RemoteJob<Status>, id: string): Promise<Status> {
  let seenAt = Date.now()
  for (
    const waits = intervals(job.pace, context.input.pollSeconds);
    ;
    await pause(waits.next().value, context.signal)
  ) {
    org.step = `looking at the ${job.name} ${id}`
    try {
      const status = await job.look(id)
      seenAt = Date.now()
      if (job.progressOf) context.progress(job.progressOf(status, id))
      if (job.isOver(status)) return status
    } catch (error) {
      if (!goesOnUnseen(error) || Date.now() - seenAt > maxBlindMs) throw error
      context.log.warn(`${error.message} It is looked at again.`)
    }
  }
}

/** A job goes on in the org whether or not a look at it gets an answer; but not in an org that is gone. */
export function goesOnUnseen(error: unknown): error is SalesforceError {
  return error instanceof SalesforceError && error.isUnsure && error.status !== 420
}

/** What a cleanup found and did; `remoteState` is Salesforce's own word. */
export interface Cancelled {
  readonly id: string | null
  readonly remoteState: string
}

const maxCancelMs = 30_000

/**
 * For a kind's cleanup: stops the job in the org, if one runs there, and waits at most 30 s until the org says that it
 * has. Says in the log what became of it.
 */
export async function cancelRemoteJob<Status>(
  context: JobContext,
  org: Org,
  job: RemoteJob<Status>,
  memo: Memo,
): Promise<Cancelled> {
  const done = await stop(context, org, job, memo)
  const which = done.id === null ? '' : ` ${done.id}`
  context.log.info(`org ${org.alias}: the ${job.name}${which} is ${done.remoteState} in the org`, { ...done })
  return done
}

async function stop<Status>(context: JobContext, org: Org, job: RemoteJob<Status>, memo: Memo): Promise<Cancelled> {
  const state = memo.read()
  let id = state?.phase === 'submitted' ? state.id : null
  if (state?.phase === 'submitting') id = await reconcile(context, org, job, state)
  if (id === null) return { id, remoteState: 'not submitted' }
  org.step = `cancelling the ${job.name} ${id}`
  let status = await job.look(id)
  if (job.isOver(status)) return { id, remoteState: job.stateOf(status) }
  if (!job.cancel) return { id, remoteState: `${job.stateOf(status)} (Salesforce cannot stop it, it goes on)` }
  await job.cancel(id)
  const endAt = Date.now() + maxCancelMs
  const waits = intervals(job.pace, context.input.pollSeconds)
  while (!job.isOver(status) && Date.now() < endAt) {
    await pause(Math.min(waits.next().value, 2_000), context.signal)
    status = await job.look(id)
  }
  return { id, remoteState: job.stateOf(status) }
}
