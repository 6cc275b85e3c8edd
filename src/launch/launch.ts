/**
 * From a decision to a running attempt:
 *
 *     take or bear a worker → claim the task with its identity in one commit → bring uploads → lend the secrets → START
 *
 * One that stood by loads the code of its kind while the commit is on its way: that it would do whatever its task is.
 * The secrets come last: they lie in memory no longer than they must, and an attempt that has ended meanwhile neither
 * gets them nor has them in the audit log. A worker that has not read START has done nothing, so a crash before that
 * line leaves a task that was never begun. A task that needs none of all this is told before anybody watches it; a new
 * one by the journal itself (`ahead.ts`), so that it may have run for a while when the orchestrator hears of its claim.
 */
import type { Journal } from '../journal/journal.ts'
import { claim, type WhyStarted } from '../journal/moves.ts'
import type { Worker } from '../process/worker.ts'
import { Lease } from '../secrets/lease.ts'
import { newWorkerId } from '../system/ids.ts'
import { messageOf } from '../system/message.ts'
import { Attempt } from '../task/attempt.ts'
import { limitsOf } from '../task/cleanup.ts'
import type { Task } from '../task/task.ts'
import { cueFor, tellAhead, tellKind } from './ahead.ts'
import { bringAll, type EquipDeps, lendSecrets, needsNothing } from './equip.ts'
import type { Launched } from './launched.ts'
import { surroundingsOf } from './surroundings.ts'
import { type TellDeps, tell } from './tell.ts'
import { type Wishing, wishOf } from './wish.ts'
import type { Supplied, Wish, Workers } from './workers.ts'

export interface LaunchDeps extends EquipDeps, TellDeps {
  readonly workers: Workers
  readonly journal: Pick<Journal, 'move' | 'cue' | 'task'>
  readonly node: string
}

/** A task that is on its way to the disk. */
export interface Adding {
  readonly task: Task
  readonly wish: Wish
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
  const claimed = await tryClaim(task, worker, stoodBy, deps)
  if (!claimed) return undefined
  const launched = {
    attempt: new Attempt({ ...claimed.task, limits: limitsOf(claimed.task) }),
    worker,
    stoodBy,
    lease: new Lease(),
  }
  const isBare = claimed.wasCued || (worker !== null && needsNothing(claimed.task, deps))
  if (!isBare) begun(launched)
  deps.witness('launch.claimed', task.id)
  const uploads = isBare ? {} : await bringAll(launched, deps)
  deps.witness('launch.brought', task.id)
  if (!isBare) await lendSecrets(launched, deps)
  deps.witness('launch.lent', task.id)
  // It may have been cancelled meanwhile: a worker that was told nothing has nothing to be asked.
  try {
    if (claimed.wasCued) deps.witness('launch.told', task.id)
    else if (launched.attempt.ending) worker?.letGo()
    else tell(launched, failure, deps, uploads)
  } finally {
    // In the same turn, and yet later: the worker does not wait for it.
    if (isBare) begun(launched)
  }
  return launched
}

interface Claimed {
  readonly task: Task
  /** Its worker has begun. */
  readonly wasCued: boolean
}

/** The task as it is once this worker has it; else the worker goes, and what failed is the caller's to know. */
async function tryClaim(
  task: Candidate,
  worker: Worker | null,
  stoodBy: boolean,
  deps: LaunchDeps,
): Promise<Claimed | undefined> {
  let claimed: Claimed | undefined
  try {
    const move = claimFor(task, worker, deps)
    const known = stoodBy ? task.adding?.task : undefined
    const cue = known && cueFor(known, deps)
    const moving = deps.journal.move({ ...move, cue })
    // Once the claim is on its way: its commit would wait for a core that loads code.
    const announce = (to: Worker) => (cue ? tellAhead(to, known, cue, deps) : tellKind(to, task.kind, deps))
    const telling = worker && stoodBy ? setImmediate(() => announce(worker)) : undefined
    const moved = await moving
    // After START it would only be in the way.
    clearImmediate(telling)
    if (moved.moved && moved.task) claimed = { task: moved.task, wasCued: moved.cued ?? false }
    return claimed
  } catch (error) {
    if (task.adding && !(await task.adding.landed)) return undefined
    throw error
  } finally {
    if (worker && !claimed) await deps.workers.discard(worker)
  }
}

/** A worker, or what kept it from being born. */
type Provided = (Supplied | { readonly worker: null; readonly stoodBy: false }) & { readonly failure: string }

async function takeWorker(task: Candidate, { workers, registry, journal }: LaunchDeps): Promise<Provided> {
  const kind = registry.get(task.kind)
  const { level } = workers.isolation
  try {
    const wish = task.adding?.wish ?? wishOf(task, await surroundingsOf(task, kind, { journal, level }))
    return { ...(await workers.take(wish)), failure: '' }
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
