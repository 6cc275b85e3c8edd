import { describe, expect, it } from 'vitest'
import { factsOfAnswer } from '../../../workers/salesforce/answer.ts'
import { classify, classifyRow, type ErrorClass, SalesforceError } from '../../../workers/salesforce/errors.ts'
import { type Facts, factsOf } from '../../../workers/salesforce/facts.ts'
import { POLICIES, waitMsBefore } from '../../../workers/salesforce/policies.ts'

const codes = (status: number, ...all: string[]): Facts[] =>
  all.map((code) => ({ status, code, message: 'it says so' }))
const texts = (...all: string[]): Facts[] => all.map((message) => ({ status: 400, message }))
const connections = (...all: string[]): Facts[] =>
  all.map((code) =>
    factsOf(Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error(''), { code }) })),
  )

/** Every string that Salesforce and the network are known to say. */
const known: Readonly<Record<ErrorClass, readonly Facts[]>> = {
  NETWORK_TRANSIENT: [
    ...connections('ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'ENETDOWN'),
    ...connections('ENETUNREACH', 'EHOSTDOWN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'),
    ...connections('UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'),
    ...[
      'terminated',
      'other side closed',
      'socket hang up',
      'Client network socket disconnected before secure TLS connection was established',
    ].map((message) => factsOf(new Error('fetch failed', { cause: new Error(message) }))),
    factsOf(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
  ],
  SERVER_TRANSIENT: [
    ...[500, 502, 503, 504, 420, 429].map((status) => ({ status, message: 'Down for maintenance' })),
    ...codes(503, 'SERVER_UNAVAILABLE'),
    ...codes(500, 'UNKNOWN_EXCEPTION', 'sf:UNKNOWN_EXCEPTION'),
    ...codes(400, 'INVALID_QUERY_LOCATOR', 'QUERY_TIMEOUT'),
    ...texts(
      'Unable to complete the creation of the query cursor at this time',
      'Failed while fetching query cursor data for this QueryLocator',
      'Unexpected internal servlet state',
      '<h1>Bad Message 400</h1>',
    ),
  ],
  LOCK: [
    ...codes(400, 'UNABLE_TO_LOCK_ROW', 'ALREADY_IN_PROCESS'),
    ...texts(
      'The changes you requested require salesforce.com to temporarily lock your administration setup. However, the administration setup has already been locked by another change.',
      'Cannot update or delete a picklist while a picklist background job is being executed',
      'Another package install is in progress',
    ),
  ],
  THROTTLED_CONCURRENT: [
    {
      status: 403,
      code: 'REQUEST_LIMIT_EXCEEDED',
      message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
    },
    { status: 500, code: 'sf:REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests Limit exceeded.' },
  ],
  THROTTLED_DAILY: [
    { status: 403, code: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' },
    {
      status: 500,
      code: 'sf:REQUEST_LIMIT_EXCEEDED',
      message: 'REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.',
    },
    ...codes(400, 'EXCEEDED_BULK_JOB_LIMIT', 'LIMIT_EXCEEDED'),
    {
      status: 400,
      code: 'LIMIT_EXCEEDED',
      message: 'The signup request failed because this organization has reached its daily scratch org signup limit',
    },
  ],
  AUTH_EXPIRED: [
    { status: 401, code: 'INVALID_SESSION_ID', message: 'Session expired or invalid' },
    {
      status: 500,
      code: 'sf:INVALID_SESSION_ID',
      message: 'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader',
    },
    { status: 403, message: 'Bad_OAuth_Token' },
  ],
  AUTH_INVALID: [
    ...codes(400, 'invalid_grant', 'invalid_client', 'invalid_client_id', 'INVALID_LOGIN'),
    ...codes(403, 'API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'INSUFFICIENT_ACCESS'),
    ...codes(403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'),
    { status: 401, code: 'INVALID_SESSION_ID', message: 'Connected app is not attached to Agent' },
    { status: 401, code: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' },
  ],
  TOO_BIG: [
    {
      status: 500,
      code: 'sf:LIMIT_EXCEEDED',
      message: 'LIMIT_EXCEEDED: Too many files in retrieve call, limit is: 10000',
    },
    ...codes(400, 'OPERATION_TOO_LARGE', 'EXCEEDED_ID_LIMIT'),
    ...texts('ClientInputError : Maximum size of request exceeded'),
  ],
  VALIDATION: [
    ...codes(400, 'MALFORMED_QUERY', 'INVALID_FIELD', 'INVALID_TYPE', 'REQUIRED_FIELD_MISSING', 'DUPLICATE_VALUE'),
    ...codes(400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'DUPLICATES_DETECTED', 'STRING_TOO_LONG', 'ENTITY_IS_DELETED'),
    ...codes(500, 'sf:INVALID_CROSS_REFERENCE_KEY'),
    ...codes(404, 'NOT_FOUND', 'NOTFOUND'),
  ],
  SALESFORCE_ERROR: [
    ...codes(400, 'SOMETHING_NEW'),
    ...codes(500, 'APEX_ERROR'),
    { message: 'certificate has expired' },
  ],
}

describe('a failure', () => {
  for (const [is, all] of Object.entries(known)) {
    it(`is ${is} by what is known of it`, () => {
      expect(all.map((facts) => [facts, classify(facts)])).toEqual(all.map((facts) => [facts, is]))
    })
  }

  it('of one row is classed by the code that stands in front', () => {
    expect(classifyRow('UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--')).toBe('LOCK')
    expect(classifyRow('REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --')).toBe('VALIDATION')
    expect(classifyRow('UNABLE_TO_LOCK_ROW')).toBe('LOCK')
  })
})

describe('the facts of an answer', () => {
  it('are read from REST, SOAP, OAuth and from pages of servers in front', () => {
    const rest = '[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'
    expect(factsOfAnswer(403, 'application/json;charset=UTF-8', rest)).toEqual({
      status: 403,
      code: 'REQUEST_LIMIT_EXCEEDED',
      message: 'TotalRequests Limit exceeded.',
    })
    const soap =
      '<e:Envelope><e:Body><e:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>a &lt; b &amp;amp; c</faultstring></e:Fault></e:Body></e:Envelope>'
    expect(factsOfAnswer(500, 'text/xml', soap)).toEqual({
      status: 500,
      code: 'sf:INVALID_SESSION_ID',
      message: 'a < b &amp; c',
    })
    const oauth = '{"error":"invalid_grant","error_description":"expired access/refresh token"}'
    expect(factsOfAnswer(400, 'application/json', oauth)).toMatchObject({ code: 'invalid_grant' })
    const page = '<html><style>p {}</style><body>Down for <b>maintenance</b></body></html>'
    expect(factsOfAnswer(503, 'text/html', page)).toEqual({ status: 503, message: 'Down for maintenance' })
  })

  it('are its status alone when it is empty or broken', () => {
    expect(factsOfAnswer(500, 'application/json', '{"a":')).toEqual({ status: 500, message: '{"a":' })
    expect(classify(factsOfAnswer(502, 'text/html', ''))).toBe('SERVER_TRANSIENT')
  })
})

describe('the sentence of an error', () => {
  it('names the org, the step, the code and message of Salesforce, and what to do', () => {
    const facts = { status: 400, code: 'MALFORMED_QUERY', message: 'unexpected token: FORM.' }
    const error = new SalesforceError(facts, { org: 'prod', step: 'counting accounts' })
    expect(error.message).toBe(
      'org prod, while counting accounts: Salesforce answered 400 MALFORMED_QUERY: unexpected token: FORM. Correct what Salesforce names and submit again.',
    )
    expect(error).toMatchObject({
      code: 'VALIDATION',
      retryable: false,
      salesforceCode: 'MALFORMED_QUERY',
      status: 400,
    })
  })

  it('says a code once where SOAP says it twice', () => {
    const facts = { status: 500, code: 'sf:UNKNOWN_EXCEPTION', message: 'UNKNOWN_EXCEPTION: it broke' }
    const { message } = new SalesforceError(facts, { org: 'prod', step: 'looking' })
    expect(message).toContain('500 UNKNOWN_EXCEPTION: it broke. ')
  })
})

describe('a call is made again', () => {
  const error = (is: ErrorClass, status?: number) => ({ class: is, status })

  it('where that does no harm, later every time, and not for ever', () => {
    const waits = [1, 2, 3, 4, 5].map((tried) => waitMsBefore(error('SERVER_TRANSIENT', 503), tried, true, 0))
    expect(waits).toEqual([125, 250, 500, 1_000, null])
  })

  it('not where nobody knows whether it was done, unless Salesforce has refused it', () => {
    expect(waitMsBefore(error('NETWORK_TRANSIENT'), 1, false, 0)).toBe(null)
    expect(waitMsBefore(error('SERVER_TRANSIENT', 503), 1, false, 0)).toBe(null)
    expect(waitMsBefore(error('SERVER_TRANSIENT', 429), 1, false, 0)).toBe(125)
    expect(waitMsBefore(error('LOCK'), 1, false, 0)).toBe(2_500)
    expect(waitMsBefore(error('THROTTLED_CONCURRENT'), 1, false, 0)).toBe(5_000)
  })

  it('twice at most to an org that is gone, and never after what stays as it is', () => {
    expect(waitMsBefore(error('SERVER_TRANSIENT', 420), 2, true, 0)).toBe(null)
    for (const is of ['AUTH_INVALID', 'VALIDATION', 'TOO_BIG', 'THROTTLED_DAILY', 'SALESFORCE_ERROR'] as const)
      expect(waitMsBefore(error(is), 1, true, 0)).toBe(null)
  })

  it('within two minutes at most', () => {
    const waits = Object.values(POLICIES).map(({ longestMs }) => longestMs)
    expect(Math.max(...waits)).toBe(120_000)
  })
})
