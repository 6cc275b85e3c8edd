/** What is done about each class of what can go wrong with an org, and what a person can do. */
import type { ErrorClass, SalesforceError } from './errors.ts'

export interface Policy {
  /**
   * Whether the call is made again in place: `always` where Salesforce has refused it and done nothing, `repeatable` where
   * nobody knows whether it was done, so that only what does no harm a second time is.
   */
  readonly again: 'always' | 'repeatable' | 'never'
  readonly firstMs: number
  readonly longestMs: number
  /** Calls altogether. */
  readonly tries: number
  /** Another attempt of the task may go better. */
  readonly retryable: boolean
  /** What a person can do about it. */
  readonly advice: string
}

const never = { again: 'never', firstMs: 0, longestMs: 0, tries: 1 } as const

export const POLICIES: Readonly<Record<ErrorClass, Policy>> = {
  NETWORK_TRANSIENT: {
    again: 'repeatable',
    firstMs: 250,
    longestMs: 15_000,
    tries: 5,
    retryable: true,
    advice: 'Look at the network between this machine and the org, and at status.salesforce.com',
  },
  SERVER_TRANSIENT: {
    again: 'repeatable',
    firstMs: 250,
    longestMs: 15_000,
    tries: 5,
    retryable: true,
    advice: 'The org is busy or in maintenance: look at status.salesforce.com, and try again later',
  },
  LOCK: {
    again: 'always',
    firstMs: 5_000,
    longestMs: 120_000,
    tries: 5,
    retryable: true,
    advice: 'Something else holds what this needs: try again when the other deployment, installation or load has ended',
  },
  THROTTLED_CONCURRENT: {
    again: 'always',
    firstMs: 10_000,
    longestMs: 60_000,
    tries: 6,
    retryable: true,
    advice: 'Too many long requests run in the org at once: let fewer integrations run at this time',
  },
  THROTTLED_DAILY: {
    ...never,
    retryable: true,
    advice: 'The limit of the last 24 hours is used up: wait, or find out under Setup → System Overview what uses it',
  },
  AUTH_EXPIRED: {
    ...never,
    retryable: true,
    advice: 'The session has ended: run auth.refresh for this org',
  },
  AUTH_INVALID: {
    ...never,
    retryable: false,
    advice: "Log in again and store the new login, or give the integration's user the permissions that it lacks",
  },
  TOO_BIG: {
    ...never,
    retryable: false,
    advice: 'Ask for less at once',
  },
  VALIDATION: {
    ...never,
    retryable: false,
    advice: 'Correct what Salesforce names and submit again',
  },
  SALESFORCE_ERROR: {
    ...never,
    retryable: false,
    advice: 'Look the code up in the documentation of the Salesforce API',
  },
}

/** Deleted and expired scratch orgs answer 420 for ever. */
const triesOfGone = 2

/** Before the next call, or null when there is none. `tried` counts the calls so far; `random` is in [0, 1). */
export function waitMsBefore(
  error: Pick<SalesforceError, 'class' | 'status'>,
  tried: number,
  repeatable: boolean,
  random: number,
): number | null {
  const { again, tries, firstMs, longestMs } = POLICIES[error.class]
  // Too many requests: refused before anything was done.
  const mayRepeat = again === 'always' || (again === 'repeatable' && (repeatable || error.status === 429))
  if (!mayRepeat || tried >= (error.status === 420 ? triesOfGone : tries)) return null
  return Math.min(longestMs, firstMs * 2 ** (tried - 1)) * (0.5 + random / 2)
}
