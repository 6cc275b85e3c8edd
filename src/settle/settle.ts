/**
 * The end of an attempt, once, in this order; only then is its slot free:
 *
 *     its ending is known → ask, grace, kill → the leader has exited → nothing of the tree lives
 *       → its reports and output are read to their end → its artifacts are collected → its secrets are wiped → the workspace is gone
 *       → one commit says so, fenced by the attempt
 *
 * A crash before that commit means that the task runs again; after it, nothing does.
 */
import type { ArtifactStore } from '../files/artifacts.ts'
import { type KeptDirectories, takeBackFrom } from '../files/kept.ts'
import type { UsageNotes } from '../files/usage-notes.ts'
import type { Workspaces } from '../files/workspaces.ts'
import { type Journal, JournalUnusable, type Move, type Moved } from '../journal/journal.ts'
import { settled, settling as settlingMove } from '../journal/moves.ts'
import type { Registry } from '../kinds/registry.ts'
import { excessOfCell } from '../process/cell-excess.ts'
import { interrupt } from '../process/interrupt.ts'
import { portraitsOf } from '../process/portrait.ts'
import type { Worker } from '../process/worker.ts'
import { FRAME } from '../protocol/frame.ts'
import type { Lease } from '../secrets/lease.ts'
import { type Clock, pause } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Witness } from '../system/waypoint.ts'
import type { Artifact } from '../task/artifact.ts'
import type { Attempt } from '../task/attempt.ts'
import { classify } from '../task/classify.ts'
import { hasBegun } from '../task/cleanup.ts'
import type { Ending, Exit, Limited } from '../task/endings.ts'
import { type Settlement, type SettlePolicy, settlementOf } from '../task/settlement.ts'
import type { Vitals } from '../task/vitals.ts'
import { collect } from './collect.ts'
import { hasHung, isDeaf, keepDiagnostics } from './diagnostics.ts'
import { lastLook } from './last-look.ts'
import { farewellOf, type Graces, stop } from './stop.ts'

export interface SettleDeps {
  readonly journal: Pick<Journal, 'move' | 'belowBacklogLimit' | 'artifacts'>
  readonly workspaces: Pick<Workspaces, 'remove' | 'artifactsOf' | 'diagnosticsOf' | 'keptOf' | 'isDiskFull'>
  readonly kept: Pick<KeptDirectories, 'takeBack'>
  readonly artifacts: Pick<ArtifactStore, 'collect' | 'keepOnly' | 'put'>
  readonly usageNotes: Pick<UsageNotes, 'forget'>
  readonly clock: Clock
  readonly random: () => number
  readonly witness: Witness
  readonly logger: Logger
  readonly graces: Graces
  readonly policy: SettlePolicy
  readonly registry: Registry
}

/** What is settled: an attempt, its process if it ever had one, and what its streams tell. */
export interface Settling {
  readonly attempt: Attempt
  readonly worker: Worker | null
  readonly lease: Lease
  readonly vitals: Vitals
  /** Resolves when reports and output have been read to their ends. */
  readonly drained: Promise<unknown>
  readonly cancelRequested: () => boolean
}

/** Undefined when the task had moved on without this attempt: its report came too late and changed nothing. */
export async function settle(settling: Settling, deps: SettleDeps): Promise<Settlement | undefined> {
  const { attempt, worker, vitals } = settling
  const { id } = attempt.task
  const failed = (err: unknown) => deps.logger.error({ err, task: id }, 'what a leader left could not be ended yet')
  if (worker) void worker.exited.then(() => outlive(worker, settling, deps)).catch(failed)
  const ending = await attempt.ended
  deps.witness('settle.ended', id)
  // Not awaited: the commits keep their order, and only who looks at the task meanwhile wants to know.
  deps.journal.move(settlingMove(attempt.task)).catch(() => {})
  const { exit, artifacts, leftOut, excess } = worker ? await end(worker, settling, deps) : notBorn
  const usage = vitals.usage(deps.clock.monotonic())
  const { isolation, limits } = attempt.task
  const isDiskFull = limits.workspace === 'memory' && (await deps.workspaces.isDiskFull())
  const bounds = { limits, areKernels: (isolation ?? 0) > 0, peakRssMiB: usage.peakRssMiB, isDiskFull }
  const cause = excess ? heldTo(excess, ending) : ending
  const verdict = classify(cause, { exit, lastOutput: vitals.lastOutput, bounds })
  const now = deps.clock.now()
  const cancelRequested = settling.cancelRequested()
  const hasCleanup = deps.registry.get(attempt.task.kind)?.hasCleanup ?? false
  const needsCleanup = hasCleanup && hasBegun(attempt.task, ending, vitals.isReady)
  const ended = {
    task: attempt.task,
    needsCleanup,
    ending: cause,
    verdict,
    cancelRequested,
    now,
    random: deps.random(),
  }
  const settlement = settlementOf(ended, deps.policy)
  // What has to be done again is not the tenant's to pay for.
  const processSeconds = ending.cause === 'preempt' ? vitals.savedSeconds : usage.wallSeconds
  const { moved } = await store(
    settled(attempt, settlement, { verdict, usage, processSeconds, artifacts, warnings: shown(leftOut) }, now),
    deps,
  )
  deps.witness('settle.appended', id)
  if (worker) deps.usageNotes.forget(worker.id)
  if (moved && artifacts.length > 0) await forgetReplaced(attempt, deps)
  return moved ? settlement : undefined
}

const storeTries = 10
const storeAgainMs = 1_000

/** The outcome of an attempt is never dropped because the journal stumbles once. */
async function store(move: Move, { journal, clock, logger }: SettleDeps): Promise<Moved> {
  for (let tries = 1; ; tries++) {
    try {
      return await journal.move(move)
    } catch (error) {
      if (tries === storeTries || error instanceof JournalUnusable) throw error
      logger.error({ err: error, task: move.task }, 'an outcome could not be stored: trying again')
      await pause(clock, storeAgainMs)
    }
  }
}

/** What is left of a process. */
interface Left {
  readonly exit: Exit
  readonly artifacts: readonly Artifact[]
  /** What its log is to say besides: why others are none, a sentence each. */
  readonly leftOut: readonly string[]
  /** A limit that the kernel held it to, whether anybody saw it or not. */
  readonly excess?: Limited | undefined
}

const notBorn: Left = { exit: { code: null, signal: null }, artifacts: [], leftOut: [] }

/** Who ended by himself after the kernel had held him to a limit ended for that, unless he coped with it. */
function heldTo(excess: Limited, ending: Ending): Ending {
  if (ending.cause === 'exit') return excess
  if (ending.cause !== 'error') return ending
  return { ...excess, message: `${excess.message}: ${ending.error.message}` }
}

/** Brings the process and everything it has to its end. */
async function end(worker: Worker, { attempt, drained, lease, vitals }: Settling, deps: SettleDeps): Promise<Left> {
  const { witness } = deps
  const { id } = attempt.task
  const ending = await attempt.ended
  const sight = hasHung(ending) ? { processes: portraitsOf(worker.identity.pid) } : undefined
  if (sight) worker.send(FRAME.DIAGNOSE)
  const directory = deps.workspaces.diagnosticsOf(worker.id)
  const look = () => lastLook(worker, vitals, attempt.task.limits)
  const lastWords = () => {
    look()
    if (!isDeaf(ending, directory)) return false
    interrupt(worker.identity.pid)
    return true
  }
  const farewell = farewellOf(ending, deps.graces)
  // What it has started it ends itself where it is asked to, waited for or not.
  if (farewell.ask) look()
  const wasKilled = await stop(worker, farewell, deps.clock, lastWords)
  witness('settle.exited', id)
  await worker.emptied()
  vitals.counted(await worker.used())
  witness('settle.emptied', id)
  const excess = worker.slot && excessOfCell(worker.slot.cell.figures(), attempt.task.limits)
  await drain(worker, drained, deps)
  witness('settle.drained', id)
  const { artifacts, leftOut } = await collect(worker, attempt, deps)
  const { needles } = lease
  const subject = { attempt, sight, directory, lastOutput: vitals.lastOutput, needles }
  const diagnostics = sight || attempt.task.debug ? await keepDiagnostics(subject, deps) : []
  witness('settle.collected', id)
  lease.wipe()
  witness('settle.wiped', id)
  await takeBackFrom(worker.id, id, deps)
  const isRemoved = await deps.workspaces.remove(worker.id)
  worker.slot?.leave(isRemoved)
  if (!isRemoved) {
    deps.logger.error({ task: id, worker: worker.id }, 'a workspace could not be removed: the next start tries again')
  }
  witness('settle.removed', id)
  const lingered = ending.cause === 'result' && wasKilled ? [lingering(deps.graces)] : []
  const ours = new Set(diagnostics.map(({ name }) => name))
  const all = [...artifacts.filter(({ name }) => !ours.has(name)), ...diagnostics]
  return { exit: await worker.exited, artifacts: all, leftOut: [...lingered, ...leftOut], excess }
}

function lingering({ exitMs }: Graces): string {
  return `it had its result and did not exit within ${exitMs / 1000} s: its process was ended`
}

/** What an earlier attempt left under the same names goes; what cannot go now goes with its task. */
async function forgetReplaced({ task, number }: Attempt, { journal, artifacts, logger }: SettleDeps): Promise<void> {
  if (number === 1) return
  try {
    const kept = await journal.artifacts(task.id)
    await artifacts.keepOnly(task.id, new Set(kept.map(({ file }) => file)))
  } catch (error) {
    logger.warn({ err: error, task: task.id }, 'replaced artifacts could not be removed')
  }
}

const mostWarnings = 20

function shown(sentences: readonly string[]): readonly string[] {
  if (sentences.length <= mostWarnings) return sentences
  return [...sentences.slice(0, mostWarnings), `${sentences.length - mostWarnings} more artifacts were left out`]
}

/**
 * A leader may be gone while a descendant holds its reports open, and without their end the attempt has none: what is
 * left of the tree goes at once, and what it had said is read.
 */
async function outlive(worker: Worker, { drained }: Settling, deps: SettleDeps): Promise<void> {
  await worker.emptied()
  await drain(worker, drained, deps)
}

/** A descendant that shed its marker may hold the pipes open: after this long without it nothing is waited for. */
const drainMs = 2_000

async function drain(worker: Worker, drained: Promise<unknown>, { clock, journal }: SettleDeps): Promise<void> {
  let isDrained = false
  const done = drained.then(() => {
    isDrained = true
  })
  await Promise.race([done, pause(clock, drainMs)])
  if (isDrained) return
  // Reading may only have been waiting for the disk.
  await journal.belowBacklogLimit()
  await Promise.race([done, pause(clock, drainMs)])
  worker.dropPipes()
  await done
}
