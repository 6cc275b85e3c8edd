/** What a task that deploys remembers of itself from attempt to attempt. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Json } from '../../src/task/json.ts'
import type { Context } from '../context.ts'
import type { JobState, Memo } from '../salesforce/remote-job.ts'
import type { Origins } from './build/entries.ts'
import type { ZipFacts } from './report/result.ts'

export interface Saved {
  readonly job: JobState | null
  /** It goes on in the version in which it was begun. */
  readonly apiVersion: string | null
  /** Deployments that the org had before: none of them can be ours. */
  readonly known: readonly string[]
  readonly zip: ZipFacts | null
}

const nothing: Saved = { job: null, apiVersion: null, known: [], zip: null }

export class Memory implements Memo {
  readonly #context: Context<unknown>
  #saved: Saved

  constructor(context: Context<unknown>) {
    this.#context = context
    this.#saved = { ...nothing, ...(context.checkpoint as Partial<Saved> | null) }
  }

  get saved(): Saved {
    return this.#saved
  }

  read(): JobState | null {
    return this.#saved.job
  }

  async write(job: JobState): Promise<void> {
    this.#saved = { ...this.#saved, job }
    await this.#context.saveCheckpoint(this.#saved as unknown as Json)
  }

  /** Durable with the next write. */
  note(more: Partial<Omit<Saved, 'job'>>): void {
    this.#saved = { ...this.#saved, ...more }
  }

  /** In a file, because a checkpoint is small: what is in a package is known once it is built, and needed at the end. */
  keepOrigins(origins: Origins): void {
    writeFileSync(originsFile(this.#context), JSON.stringify(origins))
  }

  origins(): Origins {
    try {
      return JSON.parse(readFileSync(originsFile(this.#context), 'utf8'))
    } catch {
      return { files: {}, segments: {}, members: {}, fallback: 'package.xml' }
    }
  }
}

function originsFile({ kept }: Context<unknown>): string {
  return `${kept}/origins.json`
}
