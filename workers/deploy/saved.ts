/** What a task that deploys remembers of itself from attempt to attempt. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Context } from '../context.ts'
import { Checkpoint } from '../salesforce/checkpoint.ts'
import type { JobState } from '../salesforce/remote-job.ts'
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

export class Memory extends Checkpoint<Saved> {
  readonly #kept: Pick<Context, 'kept'>

  constructor(context: Context<unknown>) {
    super(context, nothing)
    this.#kept = context
  }

  /** In a file, because a checkpoint is small: what is in a package is known once it is built, and needed at the end. */
  keepOrigins(origins: Origins): void {
    writeFileSync(originsFile(this.#kept), JSON.stringify(origins))
  }

  origins(): Origins {
    try {
      return JSON.parse(readFileSync(originsFile(this.#kept), 'utf8'))
    } catch {
      return { files: {}, segments: {}, members: {}, fallback: 'package.xml' }
    }
  }
}

function originsFile({ kept }: Pick<Context, 'kept'>): string {
  return `${kept}/origins.json`
}
