import type { OpenAttempt } from '../journal/attempts.ts'
import type { Journal } from '../journal/journal.ts'
import type { Clock } from '../system/clock.ts'
import type { Logger } from '../system/logger.ts'
import type { Task } from '../task/task.ts'
import { type RecoverDeps, recover } from './recover.ts'

export interface HeldDeps extends RecoverDeps {
  readonly journal: Pick<Journal, 'move' | 'open' | 'task'>
  readonly clock: Clock
  readonly logger: Logger
}

const restMs = 10_000

/** Tries again and again to end what would not die, and tells of each task that may be started at last. */
export function recoverHeld(held: readonly OpenAttempt[], deps: HeldDeps, requeued: (task: Task) => void): void {
  const { clock, logger } = deps
  for (const { task, worker } of held) {
    logger.error({ task: task.id, worker }, 'a process of an earlier start does not die: its task is held back')
  }
  if (held.length === 0) return
  clock.after(restMs, () => {
    tryAgain(held, deps, requeued).catch((error) => {
      logger.error({ err: error }, 'what is held back could not be looked at')
      recoverHeld(held, deps, requeued)
    })
  })
}

async function tryAgain(held: readonly OpenAttempt[], deps: HeldDeps, requeued: (task: Task) => void): Promise<void> {
  const workers = new Set(held.map((one) => one.worker))
  // Read again: somebody may have asked to cancel one meanwhile.
  const open = (await deps.journal.open()).filter((one) => workers.has(one.worker))
  const still = await recover(open, [], deps)
  for (const { task } of open) {
    const now = await deps.journal.task(task.tenant, task.id)
    if (now?.state === 'queued') requeued(now)
  }
  recoverHeld(still, deps, requeued)
}
