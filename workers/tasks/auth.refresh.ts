import type { Context } from '../context.ts'
import { alias, loginProperties } from '../salesforce/input.ts'

interface Input {
  readonly org: string
  /** Nothing is done when the stored session was made later than this: another task has renewed it. */
  readonly after?: number
  /** As the org's session settings say. */
  readonly sessionSeconds?: number
  readonly pollSeconds?: number
}

interface Result {
  readonly refreshed: boolean
  readonly rotated: boolean
  readonly issuedAtMs: number
  readonly expiresAtMs: number | null
  /** When to make the next one. */
  readonly refreshAtMs: number | null
}

const defaultSessionSeconds = 7_200
const milliseconds = { type: 'integer', minimum: 0, description: 'milliseconds since 1970, UTC' }

/**
 * Makes a new session for an org and stores it. The only kind that is lent the login: all others are lent the session
 * alone, and have this one run when it has ended.
 */
export default {
  kind: 'auth.refresh',
  title: 'Renew the session of an org',
  pool: 'critical',
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      org: alias,
      after: { ...milliseconds, description: 'does nothing when the stored session is newer than this' },
      ...loginProperties,
    },
  },
  result: {
    type: 'object',
    required: ['refreshed', 'rotated', 'issuedAtMs', 'expiresAtMs', 'refreshAtMs'],
    additionalProperties: false,
    properties: {
      refreshed: { type: 'boolean', description: 'false: the stored session is newer than the one that has ended' },
      rotated: { type: 'boolean', description: 'Salesforce gave a new refresh token, which is stored' },
      issuedAtMs: milliseconds,
      expiresAtMs: { type: ['integer', 'null'], description: 'null when nothing is known of it' },
      refreshAtMs: { type: ['integer', 'null'], description: 'when to renew it' },
    },
  },
  secrets: {
    // Not required: waiting for a login that nobody stored helps no one, and the task says at once what to do.
    login: { reference: 'vault:org/{org}/login' },
    session: { reference: 'vault:org/{org}/session' },
  },
  stores: { login: 'vault:org/{org}/login', session: 'vault:org/{org}/session' },
  concurrency: { key: 'org:{org}:auth' },
  serves: 'parents',
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  limits: { runSeconds: 600 },
  async run(context: Context<Input>): Promise<Result> {
    const { renewSession } = await import('../salesforce/auth/renew.ts')
    const { after, sessionSeconds = defaultSessionSeconds } = context.input
    context.progress({ phase: 'logging in', percent: null })
    const { session, refreshed, rotated } = await renewSession(context, { after, sessionSeconds })
    const { refreshAt } = await import('../salesforce/auth/refresh-at.ts')
    const { issuedAtMs, expiresAtMs } = session
    const refreshAtMs = refreshAt(session, Date.now(), Math.random())
    context.log.info(refreshed ? `org ${context.input.org} has a new session` : 'the session is new enough already')
    return { refreshed, rotated, issuedAtMs, expiresAtMs, refreshAtMs }
  },
}
