/** Errors that say whether another try could go better. Any error with `retryable` does; these are for convenience. */

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

/** What the request says cannot be done, which no schema could see. The sentence says what to give instead. */
export function invalidInput(message: string): FatalError {
  return new FatalError(message, { code: 'INVALID_INPUT' })
}
