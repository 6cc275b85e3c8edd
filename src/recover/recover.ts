/**
 * What an earlier boot left, before anything starts: its processes are killed until provably nothing of them lives, its
 * tasks are settled as lost, its workspaces removed. A worker of which something still lives after the deadline holds
 * its task back: it is never requeued beside a living attempt.
 */
import { type KeptDirectories, takeBackFrom } from '../files/kept.ts'
import type { UsageNotes } from '../files/usage-notes.ts'
import type { Workspaces } from '../files/workspaces.ts'
import type { OpenAttempt } from '../journal/attempts.ts'
import type { Journal } from '../journal/journal.ts'
import { settled, settling } from '../journal/moves.ts'
import type { Registry } from '../kinds/registry.ts'
import type { Machine } from '../process/machine.ts'
import type { Slots } from '../process/slots.ts'
import { isAlive, killIdentified, killMarked } from '../process/tree.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import { Attempt } from '../task/attempt.ts'
import { classify } from '../task/classify.ts'
import { hasBegun } from '../task/cleanup.ts'
import type { Ending } from '../task/endings.ts'
import { type SettlePolicy, settlementOf } from '../task/settlement.ts'
import type { Task } from '../task/task.ts'

export interface RecoverDeps {
  readonly journal: Pick<Journal, 'move'>
  readonly workspaces: Pick<Workspaces, 'remove' | 'keptOf'>
  readonly kept: Pick<KeptDirectories, 'takeBack'>
  readonly usageNotes: Pick<UsageNotes, 'read' | 'forget'>
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly policy: SettlePolicy
  readonly registry: Registry
  readonly machine: Machine
  /** What workers had to themselves, at level 3. */
  readonly slots?: Pick<Slots, 'clear'> | undefined
  /** How long to kill before a task is held back. */
  readonly recoverDeadlineMs: number
}

/**
 * Ends these workers, the ones of open attempts and others that left something: every worker has a workspace before it
 * has a process, so that also those are found that were never claimed. Returns the attempts that are held back.
 */
export async function recover(
  open: readonly OpenAttempt[],
  leftover: readonly string[],
  deps: RecoverDeps,
): Promise<readonly OpenAttempt[]> {
  const workers = new Set([...open.map((one) => one.worker), ...leftover])
  const alive = await killAll(open, workers, deps)
  const isHeld = (one: OpenAttempt) => alive.has(one.worker)
  for (const { task, worker } of open.filter((one) => !isHeld(one))) {
    await takeBackFrom(worker, task.id, deps)
  }
  for (const worker of workers) {
    if (alive.has(worker) || (await deps.workspaces.remove(worker))) continue
    deps.logger.error({ worker }, 'a workspace could not be removed: the next start tries again')
  }
  await Promise.all(open.filter((one) => !isHeld(one)).map((one) => settleLost(one, deps)))
  for (const worker of workers) if (!alive.has(worker)) deps.usageNotes.forget(worker)
  return open.filter(isHeld)
}

/** Kills the recorded processes and whoever carries the marker of one of the workers. Returns those that would not die. */
async function killAll(
  open: readonly OpenAttempt[],
  workers: ReadonlySet<string>,
  { machine: { bootId, census }, slots, recoverDeadlineMs }: RecoverDeps,
): Promise<ReadonlySet<string>> {
  for (const { process } of open) if (process) killIdentified(process, bootId)
  const inCells = (await slots?.clear(workers, recoverDeadlineMs)) ?? []
  const marked = await killMarked(workers, census, recoverDeadlineMs)
  const recorded = open.filter(({ process }) => process && isAlive(process, bootId))
  return new Set([...inCells, ...marked, ...recorded.map((one) => one.worker)])
}

async function settleLost(lost: OpenAttempt, deps: RecoverDeps): Promise<void> {
  const { journal, clock, random, policy, machine, registry, usageNotes } = deps
  const { worker } = lost
  const ending: Ending = { cause: 'lost', explained: isExplained(lost, machine.bootId) }
  const verdict = classify(ending, { exit: { code: null, signal: null }, lastOutput: '' })
  const now = clock.now()
  const hasCleanup = registry.get(lost.task.kind)?.hasCleanup ?? false
  const task = hasCleanup ? takenForBegun(lost, now) : lost.task
  const { cancelRequested, startedAt } = task
  const needsCleanup = hasCleanup && hasBegun(task, ending, false)
  const settlement = settlementOf(
    { task, needsCleanup, ending, verdict, cancelRequested, now, random: random() },
    policy,
  )
  // Not awaited: it goes to disk together with the next one.
  journal.move(settling(task)).catch(() => {})
  const remains = { verdict, usage: usageNotes.read(worker) ?? null, artifacts: [] }
  const change = { startedAt, ...settlement.change }
  await journal.move(settled(new Attempt(task), { ...settlement, change }, remains, now))
}

/** A worker is told its task before there is a record that it runs: whatever it began meanwhile is to be undone one day. */
function takenForBegun({ task, process }: OpenAttempt, now: number): Task {
  return process ? { ...task, startedAt: task.startedAt ?? now } : task
}

/** Whether something other than this task may be to blame for the death of the orchestrator. */
function isExplained({ task, process, checkpointed, stopping }: OpenAttempt, bootId: string): boolean {
  const hadBegun = task.state !== 'starting' && process !== null
  const machineRestarted = process !== null && process.bootId !== bootId
  return !hadBegun || checkpointed || stopping || machineRestarted
}
