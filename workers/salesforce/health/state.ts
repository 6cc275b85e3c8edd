/** How an org is, and what of a change is worth telling. */
import type { SalesforceError } from '../errors.ts'

export const STATUSES = [
  'active',
  'expired',
  'revoked',
  'restricted',
  'limited',
  'gone',
  /** It gave no answer while Salesforce works on it, as was announced. */
  'maintenance',
  'error',
] as const

export type Status = (typeof STATUSES)[number]

/** What one look has shown. */
export interface Observation {
  readonly status: Status
  /** One sentence, when it is not active. */
  readonly error: string | null
}

/** What is kept of an org from look to look. Times are ISO 8601, UTC. */
export interface HealthState {
  readonly status: Status
  /** Since when it is so. */
  readonly since: string
  readonly lastOk: string | null
  readonly lastError: string | null
  /** Looks without an answer that say nothing yet: a network has its moments. */
  readonly doubts: number
}

/** So many errors in a row make an org one that does not answer. */
const errorsBeforeAlert = 3

/** The state after a look, and whether it is another than before. */
export function nextState(
  previous: HealthState | null,
  { status, error }: Observation,
  now: string,
): { state: HealthState; changed: boolean } {
  const lastOk = status === 'active' ? now : (previous?.lastOk ?? null)
  const lastError = error ?? previous?.lastError ?? null
  const doubts = status === 'error' ? (previous?.doubts ?? 0) + 1 : 0
  const isDoubtful =
    status === 'error' && previous !== null && previous.status !== 'error' && doubts < errorsBeforeAlert
  if (isDoubtful) return { state: { ...previous, lastError, doubts }, changed: false }
  const changed = previous !== null && previous.status !== status
  const since = previous === null || changed ? now : previous.since
  return { state: { status, since, lastOk, lastError, doubts }, changed }
}

/** What an error of a look says of the org. */
export function statusOf(error: Pick<SalesforceError, 'class' | 'status' | 'salesforceCode'>): Status {
  if (error.status === 420 || error.salesforceCode === 'ENOTFOUND') return 'gone'
  if (error.class.startsWith('THROTTLED')) return 'limited'
  if (error.class === 'AUTH_EXPIRED') return 'expired'
  if (error.class === 'AUTH_INVALID') return 'restricted'
  return 'error'
}

/** The same of a session that could not be had: by the code with which auth.refresh failed. */
export function statusOfRefusal(reason: string | undefined): Status {
  if (reason === 'AUTH_INVALID') return 'revoked'
  return reason === 'AUTH_EXPIRED' ? 'expired' : 'error'
}
