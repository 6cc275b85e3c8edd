/** What an installation remembers from attempt to attempt. */
import type { Json } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import type { JobState, Memo } from '../salesforce/remote-job.ts'
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

export class InstallMemory implements Memo {
  readonly #context: Pick<Context<unknown>, 'checkpoint' | 'saveCheckpoint'>
  #saved: Saved

  constructor(context: Pick<Context<unknown>, 'checkpoint' | 'saveCheckpoint'>) {
    this.#context = context
    this.#saved = { done: [], ...fresh, ...(context.checkpoint as Partial<Saved> | null) }
  }

  get saved(): Saved {
    return this.#saved
  }

  /** For a suspension. */
  get json(): Json {
    return this.#saved as unknown as Json
  }

  read(): JobState | null {
    return this.#saved.job
  }

  async write(job: JobState): Promise<void> {
    this.note({ job })
    await this.#save()
  }

  async done(one: Installed): Promise<void> {
    this.#saved = { done: [...this.#saved.done, one], ...fresh }
    await this.#save()
  }

  async waits(sinceMs: number): Promise<void> {
    this.note({ waitingSinceMs: sinceMs })
    await this.#save()
  }

  /** Durable with what is saved next. */
  note(more: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...more }
  }

  #save(): Promise<void> {
    return this.#context.saveCheckpoint(this.json)
  }
}
