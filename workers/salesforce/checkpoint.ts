/** What a task with one job in an org at a time remembers from attempt to attempt; nothing secret. */
import type { Json } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import type { JobState, Memo } from './remote-job.ts'

export class Checkpoint<Saved extends { readonly job: JobState | null }> implements Memo {
  readonly #save: Context['saveCheckpoint']
  #saved: Saved

  /** `nothing` is what a first attempt begins with. */
  constructor({ checkpoint, saveCheckpoint }: Pick<Context, 'checkpoint' | 'saveCheckpoint'>, nothing: Saved) {
    this.#save = saveCheckpoint
    this.#saved = { ...nothing, ...(checkpoint as Partial<Saved> | null) }
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

  write(job: JobState): Promise<void> {
    this.#saved = { ...this.#saved, job }
    return this.#save(this.json)
  }

  /** Durable with what is saved next. */
  note(more: Partial<Saved>): void {
    this.#saved = { ...this.#saved, ...more }
  }

  save(more: Partial<Saved>): Promise<void> {
    this.note(more)
    return this.#save(this.json)
  }
}
