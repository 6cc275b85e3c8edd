import type { Worker } from '../process/worker.ts'
import { FRAME } from '../protocol/frame.ts'
import type { Ask } from '../protocol/messages.ts'
import { afterHearing, type Clock } from '../system/clock.ts'
import type { Ending } from '../task/endings.ts'

export interface Graces {
  /** From asking a task to end until its tree is killed. */
  readonly askMs: number
  /** For a task that has ended to leave by itself: it succeeded but does not exit. */
  readonly exitMs: number
}

/** How an ending is brought about: what the worker is asked, and how long it may take. */
export interface Farewell {
  readonly ask: Ask | undefined
  readonly graceMs: number
}

export function farewellOf(ending: Ending, graces: Graces): Farewell {
  switch (ending.cause) {
    case 'result':
    case 'error':
    case 'suspend':
    case 'exit':
      return { ask: undefined, graceMs: graces.exitMs }
    case 'cancel':
      return asked('cancelled', ending.reason ?? 'the task was cancelled', graces)
    case 'preempt':
      return asked('preempted', ending.reason, graces)
    case 'stop':
      return asked('preempted', 'the orchestrator stops', graces)
    case 'run_time':
    case 'silence':
      return asked('deadline', ending.message, graces)
    default:
      // Over a hard limit, out of protocol or never told anything: there is nothing to ask.
      return { ask: undefined, graceMs: 0 }
  }
}

function asked(kind: Ask['kind'], message: string, graces: Graces): Farewell {
  return { ask: { kind, message }, graceMs: graces.askMs }
}

/** What may still be had of one that is about to be killed: it has so long for it. */
const lastWordsMs = 500

/**
 * Ask, grace, kill; resolves when the leader has exited, with whether it had to be killed. `lastWords` is called before
 * the kill, and returns whether there may be some.
 */
export async function stop(
  worker: Worker,
  { ask, graceMs }: Farewell,
  clock: Clock,
  lastWords = () => false,
): Promise<boolean> {
  let wasKilled = false
  let spareLater = () => {}
  if (ask) worker.send(ask.kind === 'preempted' ? FRAME.PREEMPT : FRAME.CANCEL, ask)
  const spare = afterHearing(clock, graceMs, () => {
    wasKilled = true
    if (lastWords()) spareLater = afterHearing(clock, lastWordsMs, () => worker.kill())
    else worker.kill()
  })
  await worker.exited
  spare()
  spareLater()
  return wasKilled
}
