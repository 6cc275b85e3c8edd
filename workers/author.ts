/**
 * What a kind may import, and need not: a definition is a plain object, and any error with `retryable` steers retries.
 */
import type { Json } from '../src/task/json.ts'
import type { Context } from './context.ts'

export type { Child, Until } from './children.ts'
export type { Context } from './context.ts'
export { FatalError, RetryableError } from './errors/steering.ts'

export interface TaskDefinition<Input = Json> {
  readonly kind: string
  readonly title?: string
  readonly pool: 'critical' | 'normal' | 'batch'
  /** JSON schema of the input. */
  readonly input: Readonly<Record<string, unknown>>
  /** JSON schema of the result, for clients and their types; nothing checks it. */
  readonly result?: Readonly<Record<string, unknown>>
  /** Those that a request may give, and must where they are required; without this it may give any. */
  readonly secrets?: Readonly<Record<string, Secret>>
  /** What its tasks may store with `secrets.store(name, value)`, and where: `{session: 'vault:org/{org}/session'}`. */
  readonly stores?: Readonly<Record<string, string>>
  /**
   * What all its tasks share with each other: of those with the same key so many run at once, one if it says none.
   * `{member}` stands for a string of the input: `org:{org}:deploy`. A request may name no other key.
   */
  readonly concurrency?: { readonly key: string; readonly limit?: number }
  readonly limits?: {
    readonly runSeconds?: number
    readonly silenceSeconds?: number
    /** Of all its processes together. */
    readonly cpuSeconds?: number
    readonly memoryMiB?: number
    readonly outputMiB?: number
    readonly workspaceMiB?: number
    /** Of one file. */
    readonly fileMiB?: number
    /** Of one process. */
    readonly openFiles?: number
    /** At once, its own among them. */
    readonly processes?: number
  }
  readonly retry?: {
    readonly maxAttempts?: number
    readonly backoffSeconds?: number
    readonly maxBackoffSeconds?: number
  }
  /**
   * URLs of modules (`import.meta.resolve('eslint')`) that workers load while they wait for a task of this kind. What they
   * do when they are loaded must not depend on the task: they know neither it nor its tenant yet.
   */
  readonly preload?: readonly string[]
  /**
   * What its tasks have of the network: the machine's, unless it says `none`. Where the isolation level cannot keep them
   * from it (below 2), they are refused.
   */
  readonly network?: 'host' | 'none'
  /**
   * Where its tasks have their files, but for artifacts, uploads and what is kept: on disk, or in memory, where they are
   * gone without a trace. Then `workspaceMiB` is what they may take of it; below isolation level 2 its tasks are refused.
   */
  readonly workspace?: 'disk' | 'memory'
  /**
   * Directories and files of the machine that its tasks may read, beside the programs of the system, Node, Mayfly and
   * the directories of kinds; from isolation level 2 on they see nothing else. What is not there is left out.
   */
  readonly mounts?: readonly string[]
  /**
   * A directory of the tenant that outlives tasks, which its tasks find as `directory` and may write to, and those of all
   * other kinds that name it. They are started without a worker that waits, which costs each a few tenths of a second.
   */
  readonly directory?: string
  /**
   * `parents`: what its tasks do is needed at once by the tasks that submit them. As a child its task runs in its own
   * pool, also below a parent of a lower one, goes on when the parent is cancelled, and a cleanup may submit it and wait.
   * Its `concurrency` must keep such tasks few, because whoever may submit a parent gets them.
   */
  readonly serves?: 'parents'
  /** Does the task; what it returns is the result. */
  run(context: Context<Input>): unknown
  /** Undoes what was begun, in a process of its own, when the task has failed for good or was cancelled. */
  cleanup?(context: Context<Input>): unknown
}

export interface Secret {
  readonly required?: boolean
  /**
   * Where it is when the request does not say: `vault:org/{org}/session`, where `{member}` stands for a string of the
   * input. Where it is not required and not there, the task does without.
   */
  readonly reference?: string
}

/** Adds types and nothing else. */
export function defineTask<Input = Json>(definition: TaskDefinition<Input>): TaskDefinition<Input> {
  return definition
}
