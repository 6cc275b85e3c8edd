import type { Worker } from '../process/worker.ts'
import type { Lease } from '../secrets/lease.ts'
import type { Attempt } from '../task/attempt.ts'

/** An attempt that is claimed. */
export interface Launched {
  readonly attempt: Attempt
  /** Null when no process could be started: the attempt has ended already. */
  readonly worker: Worker | null
  /** It stood by: when it ends before it is ready, that is not its task's fault. */
  readonly stoodBy: boolean
  /** What is lent to it until its settlement wipes it; empty until it is told its task. */
  readonly lease: Lease
}
