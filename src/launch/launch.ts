/**
 * From a decision to a running attempt:
 *
 *     take or bear a worker → claim the task with its identity in one commit → bring uploads → lend the secrets → START
 *
 * One that stood by loads the code of its kind while the commit is on its way: that it would do whatever its task is.
 * The secrets come last: they lie in memory no longer than they must, and an attempt that has ended meanwhile neither
 * gets them nor has them in the audit log. A worker that has not read START has done nothing, so a crash before that line leaves a task that was never begun.
 */
import type { Directories } from '../files/directories.ts'
import type { KeptDirectories } from '../files/kept.ts'
import type { Journal } from '../journal/journal.ts'
import { claim, type WhyStarted } from '../journal/moves.ts'
import { usesOf } from '../kinds/uses.ts'
import type { Worker } from '../process/worker.ts'
import { encodeSecret, FRAME, secretFrameBytes } from '../protocol/frame.ts'
import type { KindFrame, Start } from '../protocol/messages.ts'
import { Lease } from '../secrets/lease.ts'
import { type LenderDeps, lend } from '../secrets/lend.ts'
import { SecretUnavailable } from '../secrets/unusable.ts'
import { type Clock, restsEvery } from '../system/clock.ts'
import { newWorkerId } from '../system/ids.ts'
import { messageOf } from '../system/message.ts'
import type { Witness } from '../system/waypoint.ts'
import { zeroable } from '../system/zeroable.ts'
import { Attempt } from '../task/attempt.ts'
import { limitsOf } from '../task/cleanup.ts'
import type { Task } from '../task/task.ts'
import { type BringDeps, bring, type UploadPaths } from './bring.ts'
import { surroundingsOf } from './surroundings.ts'
import { type TermsDeps, termsOf } from './terms.ts'
import { type Wishing, wishOf } from './wish.ts'
import type { Supplied, Workers } from './workers.ts'

export interface LaunchDeps extends BringDeps, TermsDeps {
  readonly workers: Workers
  readonly journal: Pick<Journal, 'move' | 'task'>
  readonly lender: LenderDeps
  readonly kept: Pick<KeptDirectories, 'has' | 'lend'>
  readonly directories: Pick<Directories, 'pathOf'>
  readonly clock: Clock
  readonly witness: Witness
  readonly node: string
}

export interface Launched {
  readonly attempt: Attempt
  /** Null when no process could be started: the attempt has ended already. */
  readonly worker: Worker | null
  /** It stood by: when it ends before it is ready, that is not its task's fault. */
  readonly stoodBy: boolean
  /** What is lent to it until its settlement wipes it; empty until it is told its task. */
  readonly lease: Lease
}

/** What large secrets are masked by takes up to a second to make: nobody else waits longer than this for it. */
const stretchMs = 5

/** A task that is on its way to the disk. */
export interface Adding {
  readonly task: Task
  /** Whether it got there. */
  readonly landed: Promise<boolean>
}

type Candidate = Pick<Task, 'id' | 'tenant' | 'attempt' | 'kind'> &
  Wishing & {
    readonly why: WhyStarted
    /** When one commit adds and claims it; undefined when it is durable since long. */
    readonly adding?: Adding | undefined
  }

/**
 * Undefined when the task was no longer there to be claimed; rejects when it could not be claimed. `begun` is called in
 * the very turn in which the claim is known to be durable, before anything else can ask for the attempt.
 */
export async function launch(
  task: Candidate,
  deps: LaunchDeps,
  begun: (launched: Launched) => void,
): Promise<Launched | undefined> {
  try {
    return await launchWith(await takeWorker(task, deps), task, deps, begun)
  } finally {
    // Only now: nothing that is born ahead may delay what has begun.
    deps.workers.standbys.refill()
  }
}

async function launchWith(
  { worker, stoodBy, failure }: Provided,
  task: Candidate,
  deps: LaunchDeps,
  begun: (launched: Launched) => void,
): Promise<Launched | undefined> {
  deps.witness('launch.born', task.id)
  const claiming = tryClaim(task, worker, deps)
  // Once the claim is on its way: its commit would wait for a core that loads code.
  if (stoodBy) setImmediate(() => ready(worker, task, deps))
  const claimed = await claiming
  if (!claimed) return undefined
  const launched = {
    attempt: new Attempt({ ...claimed, limits: limitsOf(claimed) }),
    worker,
    stoodBy,
    lease: new Lease(),
  }
  begun(launched)
  deps.witness('launch.claimed', task.id)
  await lendKept(launched, deps)
  const uploads = await bringTo(launched, deps)
  deps.witness('launch.brought', task.id)
  await lendTo(launched, deps)
  deps.witness('launch.lent', task.id)
  // It may have been cancelled meanwhile: a worker that was told nothing has nothing to be asked.
  if (launched.attempt.ending) worker?.letGo()
  else tell(launched, failure, deps, uploads)
  return launched
}

/** The task as it is once this worker has it; else the worker goes, and what failed is the caller's to know. */
async function tryClaim(task: Candidate, worker: Worker | null, deps: LaunchDeps): Promise<Task | undefined> {
  let claimed: Task | undefined
  try {
    const moved = await deps.journal.move(claimFor(task, worker, deps))
    if (moved.moved) claimed = moved.task
    return claimed
  } catch (error) {
    if (task.adding && !(await task.adding.landed)) return undefined
    throw error
  } finally {
    if (worker && !claimed) await deps.workers.discard(worker)
  }
}

/** Whatever is wrong with the code shows when the task is to run. */
function ready(worker: Worker, { kind }: Candidate, { registry }: LaunchDeps): void {
  const module = registry.get(kind)?.module
  if (module !== undefined) worker.send(FRAME.KIND, { module } satisfies KindFrame)
}

/** A worker, or what kept it from being born. */
type Provided = (Supplied | { readonly worker: null; readonly stoodBy: false }) & { readonly failure: string }

async function takeWorker(task: Candidate, { workers, registry, journal }: LaunchDeps): Promise<Provided> {
  const kind = registry.get(task.kind)
  try {
    const surroundings = await surroundingsOf(task, kind, { journal, level: workers.isolation.level })
    return { ...(await workers.take(wishOf(task, surroundings))), failure: '' }
  } catch (error) {
    return { worker: null, stoodBy: false, failure: messageOf(error) }
  }
}

function claimFor(task: Candidate, worker: Worker | null, { workers, registry, clock, node }: LaunchDeps) {
  const claimant = {
    why: task.why,
    worker: worker?.id ?? newWorkerId(),
    isolation: workers.isolation.level,
    process: worker?.identity ?? null,
    node,
    moduleHash: registry.get(task.kind)?.hash() ?? null,
  }
  return { ...claim(task, claimant, clock.now()), known: task.adding?.task }
}

/** A task that keeps nothing does not wait here. */
async function lendKept({ attempt, worker }: Launched, { kept, workspaces }: LaunchDeps): Promise<void> {
  const { id } = attempt.task
  if (!worker || attempt.ending || !kept.has(id)) return
  try {
    await kept.lend(id, workspaces.keptOf(worker.id), worker.slot?.user)
  } catch (error) {
    const message = `its kept directory could not be brought to it: ${messageOf(error)}`
    attempt.end({ cause: 'not_started', message })
  }
}

/** A task without uploads does not wait here. */
async function bringTo({ attempt, worker }: Launched, deps: LaunchDeps): Promise<UploadPaths> {
  if (!worker || attempt.ending) return {}
  const ids = usesOf(deps.registry.get(attempt.task.kind), attempt.task.input)
  return ids.length > 0 ? bring(attempt, worker, ids, deps) : {}
}

/** Ends the attempt when a secret cannot be had. A task without secrets does not wait here. */
async function lendTo({ attempt, worker, lease }: Launched, deps: LaunchDeps): Promise<void> {
  if (!worker || attempt.ending || Object.keys(attempt.task.secrets).length === 0) return
  try {
    await lend(attempt.task, lease, termsOf(attempt.task, deps), deps.lender, endOf(attempt))
    await lease.needles.prepare(restsEvery(stretchMs, deps.clock))
  } catch (error) {
    const message = messageOf(error)
    if (error instanceof SecretUnavailable) attempt.end({ cause: 'secret', message, retryable: error.isPassing })
    else attempt.end({ cause: 'not_started', message: `its secrets could not be read: ${message}` })
  }
}

/** Nobody waits for a secret whose attempt is over. */
function endOf({ ended }: Attempt): AbortSignal {
  const over = new AbortController()
  void ended.then(() => over.abort())
  return over.signal
}

const tooLarge = 'its input and checkpoint are too large together to be sent to a worker'

/** Tells the worker its task, or ends the attempt of one that cannot be told. */
function tell(
  { attempt, worker, lease }: Launched,
  failure: string,
  { registry, workspaces, directories, witness }: LaunchDeps,
  uploads: UploadPaths,
): void {
  const { task } = attempt
  const kind = registry.get(task.kind)
  if (!worker) {
    attempt.end({ cause: 'not_started', message: `no process could be started: ${failure}` })
  } else if (!kind) {
    attempt.end({ cause: 'not_started', message: `the kind ${task.kind} is not installed here` })
  } else {
    const directory = kind.directory === null ? null : directories.pathOf(task.tenant, kind.directory)
    const places = { kept: workspaces.keptOf(worker.id), directory, uploads }
    if (send(worker, { ...startOf(task, kind.module), ...places }, lease)) witness('launch.told', task.id)
    else attempt.end({ cause: 'not_started', message: tooLarge })
  }
}

/** False when it is more than a frame can carry. */
function send(worker: Worker, start: Start, lease: Lease): boolean {
  try {
    worker.send(FRAME.START, start)
    for (const [name, value] of lease.entries()) worker.sendOnce(secretFrame(name, value))
    worker.send(FRAME.END)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function startOf(task: Task, module: string): Omit<Start, 'kept' | 'directory' | 'uploads'> {
  const { id, tenant, kind, attempt, input, checkpoint, debug, cleaning, error } = task
  const same = { task: id, tenant, kind, attempt, module, input, checkpoint, debug }
  return cleaning ? { ...same, cleanup: { error } } : same
}

function secretFrame(name: string, value: Buffer): Buffer {
  const frame = zeroable(secretFrameBytes(name, value))
  encodeSecret(name, value, frame)
  return frame
}
