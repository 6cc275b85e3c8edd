/** What it means when an org gives no session: the login is dead, or set up wrongly, or it may go better next time. */
import { FatalError, RetryableError } from '../../errors/steering.ts'
import { SalesforceError } from '../errors.ts'

export type Verdict = 'revoked' | 'config' | 'transient'

const config =
  /ip restricted|hasn.?t approved this consumer|audience is invalid|audience validation failed|invalid assertion|client identifier invalid|invalid client credentials/i

export function verdictOf({ salesforceCode = '', salesforceMessage, class: is }: SalesforceError): Verdict {
  if (['invalid_client', 'invalid_client_id', 'unsupported_grant_type', 'unauthorized_client'].includes(salesforceCode))
    return 'config'
  if (salesforceCode === 'invalid_grant') return config.test(salesforceMessage) ? 'config' : 'revoked'
  if (salesforceCode === 'unknown_error' || salesforceCode === 'server_error') return 'transient'
  if (is === 'AUTH_INVALID' || is === 'AUTH_EXPIRED') return 'revoked'
  return is === 'NETWORK_TRANSIENT' || is === 'SERVER_TRANSIENT' || is.startsWith('THROTTLED') ? 'transient' : 'config'
}

const advice: Readonly<Record<Exclude<Verdict, 'transient'>, string>> = {
  revoked: 'The login is revoked or its user cannot log in: log in again, and store the new login as org/%/login',
  config: 'Correct the connected app or external client app in the org, or the login that is stored as org/%/login',
}

/** The error of auth.refresh; its code tells the verdict. */
export function refusalOf(error: SalesforceError): Error {
  const verdict = verdictOf(error)
  if (verdict === 'transient') return new RetryableError(error.message, { code: error.code, cause: error })
  const { org, step, status, salesforceCode: code, salesforceMessage: message } = error
  const facts = { message, ...(status !== undefined && { status }), ...(code !== undefined && { code }) }
  const { message: sentence } = new SalesforceError(facts, { org, step }, { advice: advice[verdict].replace('%', org) })
  return new FatalError(sentence, { code: verdict === 'revoked' ? 'AUTH_INVALID' : 'AUTH_CONFIG', cause: error })
}
