import { describe, expect, it } from 'vitest'
import { SalesforceError } from '../../../workers/salesforce/errors.ts'
import { type HealthState, nextState, statusOf, statusOfRefusal } from '../../../workers/salesforce/health/state.ts'

const at = (minute: number) => `2026-11-26T03:0${minute}:00.000Z`
const fine = { status: 'active', error: null } as const
const broken = { status: 'error', error: 'no answer came' } as const

function statesAfter(...looks: Parameters<typeof nextState>[1][]) {
  let previous: HealthState | null = null
  return looks.map((look, minute) => {
    const { state, changed } = nextState(previous, look, at(minute))
    previous = state
    return { ...state, changed }
  })
}

describe('the health of an org', () => {
  it('is told when it changes, and since when it is so', () => {
    const revoked = { status: 'revoked', error: 'the login is revoked' } as const
    expect(statesAfter(fine, fine, revoked, revoked, fine)).toMatchObject([
      { status: 'active', changed: false, since: at(0), lastOk: at(0) },
      { status: 'active', changed: false, since: at(0), lastOk: at(1) },
      { status: 'revoked', changed: true, since: at(2), lastOk: at(1), lastError: 'the login is revoked' },
      { status: 'revoked', changed: false, since: at(2), lastOk: at(1) },
      { status: 'active', changed: true, since: at(4), lastOk: at(4) },
    ])
  })

  it('is in doubt until three looks in a row got no answer', () => {
    expect(
      statesAfter(fine, broken, broken, fine, broken, broken, broken).map(({ status, changed }) => [status, changed]),
    ).toEqual([
      ['active', false],
      ['active', false],
      ['active', false],
      ['active', false],
      ['active', false],
      ['active', false],
      ['error', true],
    ])
  })

  it('is seen by what the org says', () => {
    const status = (facts: ConstructorParameters<typeof SalesforceError>[0]) =>
      statusOf(new SalesforceError(facts, { org: 'prod', step: 'looking' }))
    expect(status({ status: 403, code: 'API_DISABLED_FOR_ORG', message: '' })).toBe('restricted')
    expect(status({ status: 403, code: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' })).toBe(
      'limited',
    )
    expect(status({ status: 420, message: '' })).toBe('gone')
    expect(status({ network: 'ENOTFOUND', message: '' })).toBe('gone')
    expect(status({ status: 503, message: '' })).toBe('error')
    expect(status({ network: 'ECONNRESET', message: '' })).toBe('error')
    expect(['AUTH_INVALID', 'AUTH_EXPIRED', 'AUTH_CONFIG'].map(statusOfRefusal)).toEqual([
      'revoked',
      'expired',
      'error',
    ])
  })
})
