/** What a preparation remembers from attempt to attempt; nothing secret. */
import type { Context } from '../context.ts'
import { Checkpoint } from '../salesforce/checkpoint.ts'
import type { JobState } from '../salesforce/remote-job.ts'
import type { EnvInput, StepDone } from './input.ts'

/** The org that was made. */
export interface Made {
  /** Of its ScratchOrgInfo or SandboxInfo. */
  readonly infoId: string
  readonly orgId: string
  readonly username: string | null
  readonly loginUrl: string | null
  readonly expires: string | null
}

export interface Saved {
  readonly done: readonly StepDone[]
  /** When the step that goes on was begun; milliseconds since 1970. */
  readonly begunMs: number | null
  /** Of the step that goes on. */
  readonly job: JobState | null
  readonly made: Made | null
  /** Requests for scratch orgs that came to nothing. */
  readonly failed: readonly string[]
  /** Processes that a sandbox had before. */
  readonly known: readonly string[]
  /** When its login was stored, and whether that was tried again: milliseconds since 1970. */
  readonly loggedInMs: number | null
  readonly tries: number
  /** A script that was begun. */
  readonly running: string | null
  /** It goes on in the version in which it was begun. */
  readonly apiVersion: string | null
}

const nothing: Saved = {
  done: [],
  begunMs: null,
  job: null,
  made: null,
  failed: [],
  known: [],
  loggedInMs: null,
  tries: 0,
  running: null,
  apiVersion: null,
}

export class EnvMemory extends Checkpoint<Saved> {
  constructor(context: Context<EnvInput>) {
    super(context, nothing)
  }

  isDone(name: string): boolean {
    return this.saved.done.some((one) => one.name === name)
  }

  done(name: string, task: string | null): Promise<void> {
    const seconds = Math.round((Date.now() - (this.saved.begunMs ?? Date.now())) / 1_000)
    const done = [...this.saved.done, { name, seconds, task }]
    return this.save({ done, begunMs: null, job: null, tries: 0, running: null })
  }
}
