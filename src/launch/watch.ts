import type { KeptDirectories } from '../files/kept.ts'
import type { Workspaces } from '../files/workspaces.ts'
import { sampleTree } from '../process/usage.ts'
import type { Worker } from '../process/worker.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Attempt } from '../task/attempt.ts'
import type { Vitals } from '../task/vitals.ts'

export interface WatchDeps {
  readonly clock: Clock
  readonly workspaces: Pick<Workspaces, 'measure'>
  readonly kept: Pick<KeptDirectories, 'measure'>
  readonly logger: Logger
  readonly startDeadlineMs: number
}

/** How often a running attempt is looked at; the first look comes soon, for what is short-lived. */
const firstLookMs = 200
const lookMs = 1_000
/** Walking a workspace costs far more than reading /proc. */
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
  const stops = [
    clock.after(deps.startDeadlineMs, () => {
      if (vitals.isReady) return
      attempt.end({ cause: 'not_started', message: `the worker was not ready within ${deps.startDeadlineMs / 1000} s` })
    }),
    clock.after(limits.runSeconds * 1000, () => {
      attempt.end({ cause: 'run_time', message: `it ran for ${limits.runSeconds} s, its limit` })
    }),
    watchSilence(attempt, vitals, clock),
    every(clock, firstLookMs, lookMs, () => look(attempt, worker, vitals), failed),
    every(clock, firstDiskLookMs, diskLookMs, () => lookAtDisk(attempt, worker, deps), failed),
  ]
  void attempt.ended.then(() => {
    for (const stop of stops) stop()
  })
}

function watchSilence(attempt: Attempt, vitals: Vitals, clock: Clock): () => void {
  const limitMs = attempt.task.limits.silenceSeconds * 1000
  let stop = () => {}
  const check = () => {
    const silentMs = vitals.silentMs(clock.monotonic())
    if (silentMs >= limitMs) {
      attempt.end({ cause: 'silence', message: `it was silent for ${limitMs / 1000} s, its limit` })
    } else {
      stop = clock.after(limitMs - silentMs, check)
    }
  }
  check()
  return () => stop()
}

function look(attempt: Attempt, worker: Worker, vitals: Vitals): void {
  const { memoryMiB } = attempt.task.limits
  const usage = sampleTree(worker.identity.pid)
  vitals.used(usage.cpuSeconds, usage.rssMiB)
  if (usage.privateMiB > memoryMiB) {
    const message = `it used ${Math.round(usage.privateMiB)} MiB of memory, its limit is ${memoryMiB} MiB`
    attempt.end({ cause: 'memory', message })
  }
}

async function lookAtDisk(attempt: Attempt, worker: Worker, { workspaces, kept }: WatchDeps): Promise<void> {
  const { id, limits } = attempt.task
  const { workspaceMiB } = limits
  const limitBytes = workspaceMiB * 1024 * 1024
  const bytes = await workspaces.measure(worker.id, limitBytes)
  if (bytes > limitBytes || bytes + (await kept.measure(id, limitBytes - bytes)) > limitBytes) {
    attempt.end({ cause: 'disk', message: `its files took more than ${workspaceMiB} MiB, its limit` })
  }
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
