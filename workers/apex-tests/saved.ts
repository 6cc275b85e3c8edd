/** What a task that runs tests remembers from attempt to attempt: each of its runs, the first and those again. */
import type { Json } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import type { JobState, Memo } from '../salesforce/remote-job.ts'

interface Saved {
  readonly runs: readonly JobState[]
  readonly known: readonly string[]
  readonly apiVersion: string | null
}

export class Runs {
  readonly #context: Pick<Context, 'saveCheckpoint'>
  #saved: Saved

  constructor({ checkpoint, saveCheckpoint }: Pick<Context, 'checkpoint' | 'saveCheckpoint'>) {
    this.#context = { saveCheckpoint }
    this.#saved = { runs: [], known: [], apiVersion: null, ...(checkpoint as Partial<Saved> | null) }
  }

  get apiVersion(): string | null {
    return this.#saved.apiVersion
  }

  /** Runs of the org that are none of ours. */
  get known(): readonly string[] {
    const own = this.#saved.runs.flatMap((run) => (run.phase === 'submitted' ? [run.id] : []))
    return [...this.#saved.known, ...own]
  }

  /** Where the newest one stands. */
  get last(): Memo | undefined {
    const { length } = this.#saved.runs
    return length === 0 ? undefined : this.memo(length - 1)
  }

  /** Durable with the next write. */
  note(more: Pick<Saved, 'known' | 'apiVersion'>): void {
    this.#saved = { ...this.#saved, ...more }
  }

  memo(index: number): Memo {
    return {
      read: () => this.#saved.runs[index] ?? null,
      write: async (state) => {
        const runs = [...this.#saved.runs]
        runs[index] = state
        this.#saved = { ...this.#saved, runs }
        await this.#context.saveCheckpoint(this.#saved as unknown as Json)
      },
    }
  }
}
