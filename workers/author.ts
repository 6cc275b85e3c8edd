/**
 * What a kind may import, and need not: a definition is a plain object, and any error with `retryable` steers retries.
 */
import type { Json } from '../src/task/json.ts'
import type { Context } from './context.ts'

export type { Child, Until } from './children.ts'
export type { Context } from './context.ts'

export interface TaskDefinition<Input = Json> {
  readonly kind: string
  readonly title?: string
  readonly pool: 'critical' | 'normal' | 'batch'
  /** JSON schema of the input. */
  readonly input: Readonly<Record<string, unknown>>
  /** Those that a request may give, and must where they are required; without this it may give any. */
  readonly secrets?: Readonly<Record<string, { readonly required?: boolean }>>
  readonly limits?: {
    readonly runSeconds?: number
    readonly silenceSeconds?: number
    readonly memoryMiB?: number
    readonly outputMiB?: number
    readonly workspaceMiB?: number
  }
  readonly retry?: {
    readonly maxAttempts?: number
    readonly backoffSeconds?: number
    readonly maxBackoffSeconds?: number
  }
  /** Does the task; what it returns is the result. */
  run(context: Context<Input>): unknown
  /** Undoes what was begun, in a process of its own, when the task has failed for good or was cancelled. */
  cleanup?(context: Context<Input>): unknown
}

/** Adds types and nothing else. */
export function defineTask<Input = Json>(definition: TaskDefinition<Input>): TaskDefinition<Input> {
  return definition
}

interface Details extends ErrorOptions {
  /** Upper case letters, digits and "_": what clients match on instead of TASK_FAILED. */
  readonly code?: string
}

abstract class SteeringError extends Error {
  abstract readonly retryable: boolean
  readonly code: string

  constructor(message: string, { code = 'TASK_FAILED', ...options }: Details = {}) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** It may go better next time: the retry policy decides. */
export class RetryableError extends SteeringError {
  readonly retryable = true
}

/** It will not go better next time: the task fails at once. */
export class FatalError extends SteeringError {
  readonly retryable = false
}
