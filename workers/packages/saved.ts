/** What an installation remembers from attempt to attempt. */
import type { Context } from '../context.ts'
import { Checkpoint } from '../salesforce/checkpoint.ts'
import type { JobState } from '../salesforce/remote-job.ts'
import type { Installed } from './input.ts'

export interface Saved {
  /** Packages that are dealt with; the next one is what goes on. */
  readonly done: readonly Installed[]
  readonly job: JobState | null
  /** Of the one that goes on. */
  readonly name: string | null
  /** Since when it is waited for to arrive where the org is. */
  readonly waitingSinceMs: number | null
  /** Requests of it that have failed: none of them is ours any more. */
  readonly failed: readonly string[]
}

const fresh = { job: null, name: null, waitingSinceMs: null, failed: [] } as const

export class InstallMemory extends Checkpoint<Saved> {
  constructor(context: Pick<Context, 'checkpoint' | 'saveCheckpoint'>) {
    super(context, { done: [], ...fresh })
  }

  done(one: Installed): Promise<void> {
    return this.save({ done: [...this.saved.done, one], ...fresh })
  }

  waits(sinceMs: number): Promise<void> {
    return this.save({ waitingSinceMs: sinceMs })
  }
}
