import type { Directories } from '../files/directories.ts'
import { type Measured, together } from '../files/measure.ts'
import type { UsageNotes } from '../files/usage-notes.ts'
import type { Workspaces } from '../files/workspaces.ts'
import type { Registry } from '../kinds/registry.ts'
import { excessOfCell } from '../process/cell-excess.ts'
import { filesInMemory } from '../process/in-memory.ts'
import { namelessBytes } from '../process/nameless.ts'
import { threadsOf } from '../process/numbers.ts'
import type { Strays } from '../process/strays.ts'
import { sampleTree, workerIn } from '../process/usage.ts'
import type { Worker } from '../process/worker.ts'
import { afterHearing, type Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Limits } from '../task/task.ts'
import type { Vitals } from '../task/vitals.ts'
import { directoryLook } from './directory-look.ts'
import { excessOf, excessOfFiles } from './excess.ts'
import { Behaviour } from './hung.ts'

export interface WatchDeps {
  readonly clock: Clock
  readonly workspaces: Pick<Workspaces, 'measure' | 'pathOf'>
  readonly logger: Logger
  readonly startDeadlineMs: number
  readonly strays: Strays
  readonly registry: Registry
  readonly directories: Pick<Directories, 'measure' | 'mostMiB'>
  readonly usageNotes: Pick<UsageNotes, 'note'>
}

/** How often a running attempt is looked at; the first look comes soon, for what is short-lived. */
const firstLookMs = 200
const lookMs = 1_000
/** Walking a workspace costs far more than reading /proc, or asking what there is of it in memory. */
const firstDiskLookMs = 1_000
const diskLookMs = 5_000

/**
 * Watches one attempt until it has an ending, and proposes one for every limit that it passes. Each watcher knows its
 * own limit only; the attempt takes the first.
 */
export function watch(attempt: Attempt, worker: Worker, vitals: Vitals, deps: WatchDeps): void {
  const { clock, logger } = deps
  const failed = (error: unknown) => {
    logger.warn(
      { task: attempt.task.id, worker: worker.id, err: error },
      'a look at a running task failed: the next one comes',
    )
  }
  const { limits } = attempt.task
  const behaviour = new Behaviour(worker, vitals, clock)
  const toldMs = () => vitals.toldMs(clock.monotonic())
  const watchTime = (limit: 'runSeconds' | 'silenceSeconds', passedMs: () => number) =>
    untilPassed(clock, limits[limit] * 1000, passedMs, (ms) =>
      attempt.end(behaviour.ending(limit, ms / 1000, limits[limit])),
    )
  const stops = [
    // What it waits for before it is told, its secrets and uploads, is no fault of the worker's.
    untilPassed(clock, deps.startDeadlineMs, toldMs, () => {
      if (vitals.isReady) return
      attempt.end({ cause: 'not_started', message: `the worker was not ready within ${deps.startDeadlineMs / 1000} s` })
    }),
    watchTime('runSeconds', toldMs),
    watchTime('silenceSeconds', () => vitals.silentMs(clock.monotonic())),
    clock.after(firstLookMs, () => void brake(worker, limits, logger).catch(failed)),
    every(
      clock,
      firstLookMs,
      lookMs,
      () => {
        behaviour.glance()
        look(attempt, worker, vitals, deps)
      },
      failed,
    ),
    every(
      clock,
      firstDiskLookMs,
      limits.workspace === 'memory' ? lookMs : diskLookMs,
      () => lookAtDisk(attempt, worker, vitals, deps),
      failed,
    ),
  ]
  if (deps.registry.get(attempt.task.kind)?.directory != null) {
    stops.push(every(clock, 0, lookMs, directoryLook(attempt, deps.directories, clock), failed))
  }
  void attempt.ended.then(() => {
    for (const stop of stops) stop()
  })
}

/** Only of what lasts: it would cost a task that is over sooner a tenth of its CPU, and nothing breeds that fast. */
async function brake(worker: Worker, { processes }: Limits, logger: Logger): Promise<void> {
  if (await worker.brake(threadsOf(processes))) return
  logger.debug({ worker: worker.id }, 'its processes are counted by looks alone: nsenter did not work')
}

/** Judges once as much may have passed, and again later where it has not. */
function untilPassed(clock: Clock, limitMs: number, passedMs: () => number, end: (ms: number) => void): () => void {
  let stop = () => {}
  const wait = () => {
    stop = afterHearing(clock, limitMs - passedMs(), judge)
  }
  const judge = () => {
    const ms = passedMs()
    if (ms >= limitMs) end(ms)
    else wait()
  }
  wait()
  return () => stop()
}

function look(attempt: Attempt, worker: Worker, vitals: Vitals, deps: WatchDeps): void {
  const { limits } = attempt.task
  const usage = sampleTree(worker.identity.pid, othersOf(worker, deps), limits)
  vitals.used(usage)
  const excess = (worker.slot && excessOfCell(worker.slot.cell.figures(), limits)) ?? excessOf(usage, limits)
  if (excess) attempt.end(excess)
  else if (!attempt.ending) deps.usageNotes.note(worker.id, vitals.usage(deps.clock.monotonic()))
}

/** What belongs to it, and is no descendant any more: above level 0 there is nothing of that kind. */
function othersOf(worker: Worker, { clock, strays }: WatchDeps): readonly number[] {
  return worker.level === 0 ? strays.of(worker.id, clock.monotonic()) : []
}

async function lookAtDisk(attempt: Attempt, worker: Worker, vitals: Vitals, deps: WatchDeps): Promise<void> {
  const { limits } = attempt.task
  const { workspaces } = deps
  const named = await workspaces.measure(worker.id, limits.workspaceMiB * 1024 ** 2)
  const nameless = namelessBytes(worker.identity.pid, othersOf(worker, deps), workspaces.pathOf(worker.id))
  const onDisk = { ...named, bytes: named.bytes + nameless }
  const measured = limits.workspace === 'memory' ? together(onDisk, await measureMemory(worker)) : onDisk
  const excess = excessOfFiles(measured, limits)
  if (!excess) return
  // It may have taken all of it since the last look, and after its end nobody can tell any more.
  look(attempt, worker, vitals, deps)
  attempt.end(excess)
}

/** What the kernel keeps for each file beside its content, and counts nowhere. */
const bytesOfEntry = 1024
/** As many as a walk would count on a disk. */
const mostEntries = 200_000

async function measureMemory({ identity }: Worker): Promise<Measured> {
  const { bytes, entries } = await filesInMemory(workerIn(identity.pid) ?? identity.pid)
  return { bytes: bytes + entries * bytesOfEntry, largestBytes: 0, isHidden: entries > mostEntries }
}

/** Calls again only after the call before has ended; one that fails is told, and is not the last. */
function every(
  clock: Clock,
  firstMs: number,
  nextMs: number,
  call: () => void | Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let isStopped = false
  let stop = clock.after(firstMs, () => void turn())
  async function turn() {
    try {
      await call()
    } catch (error) {
      failed(error)
    }
    if (!isStopped) stop = clock.after(nextMs, () => void turn())
  }
  return () => {
    isStopped = true
    stop()
  }
}
