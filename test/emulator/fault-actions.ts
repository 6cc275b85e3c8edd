/** The ways in which Salesforce and the way to it fail, ready for `emulator.faults.add({ match, action })`. */
import { type Answer, ApiError, json, refusal, textOf } from './answer.ts'
import type { Pace } from './bulk/jobs.ts'
import type { FaultAction } from './faults.ts'
import type { EmulatedRequest } from './request.ts'
import { soapFault } from './soap.ts'

export const expiredSession: FaultAction = (_org, request) =>
  refuse(request, 401, 'INVALID_SESSION_ID', 'Session expired or invalid')

/** It is done, as somebody else with the same user would have done it; then this one is refused. */
export const expiredAfterAnother: FaultAction = async (org, request, genuine) => {
  await genuine()
  return expiredSession(org, request, genuine)
}

/** Of the token endpoint. */
export const revokedRefreshToken: FaultAction = () =>
  json({ error: 'invalid_grant', error_description: 'expired access/refresh token' }, 400)

export const dailyLimit: FaultAction = (_org, request) =>
  refuse(request, 403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')

export const concurrentLimit: FaultAction = (_org, request) =>
  refuse(request, 403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.')

export const maintenance: FaultAction = () => refusal(new ApiError(503, 'SERVER_UNAVAILABLE', 'Server Unavailable'))

export const maintenancePage: FaultAction = () => ({
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>Down for maintenance</body></html>',
})

/** A scratch org that was deleted or has expired. */
export const gone: FaultAction = () => ({ status: 420, headers: { 'content-type': 'text/html' }, body: '' })

/** The connection is reset and nothing has happened. */
export const resetBeforeHeaders: FaultAction = () => ({ status: 0, wire: { kind: 'reset' } })

/** It has happened, but nobody hears of it. */
export const lostResponse: FaultAction = async (_org, _request, genuine) => {
  await genuine()
  return { status: 0, wire: { kind: 'reset' } }
}

/** The connection stays, and no byte ever comes: what was asked has not happened, or has where it `isDone`. */
export function silence({ isDone }: { readonly isDone: boolean }): FaultAction {
  return async (_org, _request, genuine) => {
    if (isDone) await genuine()
    return { status: 0, wire: { kind: 'silence' } }
  }
}

export function resetMidBody(afterBytes = 10): FaultAction {
  return async (_org, _request, genuine) => ({ ...(await genuine()), wire: { kind: 'cut', afterBytes } })
}

/** Headers and so many bytes, then silence. */
export function stall(afterBytes = 0): FaultAction {
  return async (_org, _request, genuine) => ({ ...(await genuine()), wire: { kind: 'stall', afterBytes } })
}

export function delay(ms: number): FaultAction {
  return async (_org, _request, genuine) => ({ ...(await genuine()), wire: { kind: 'delay', ms } })
}

/** The next rows that a client writes are refused, whatever they hold; the request itself goes through. */
export function rowErrors(rows = 1, statusCode = 'UNABLE_TO_LOCK_ROW', message = lockMessage): FaultAction {
  return (org, _request, genuine) => {
    org.rowFaults.add(statusCode, message, rows)
    return genuine()
  }
}

/** The job that this request makes takes so many polls. */
export function slowJob(pace: Pace): FaultAction {
  return (org, _request, genuine) => {
    org.jobs.next({ pace })
    return genuine()
  }
}

/** The job that this request makes fails in the end. */
export function failedJob(failure: string): FaultAction {
  return (org, _request, genuine) => {
    org.jobs.next({ failure })
    return genuine()
  }
}

export type Malformation = 'unclosedQuote' | 'columnCount' | 'byteOrderMark' | 'mixedLineEnds'

/** CSV as it should not be, in its last row unless it is about the whole. */
export function malformedCsv(how: Malformation): FaultAction {
  return async (_org, _request, genuine) => {
    const answer = await genuine()
    return { ...answer, body: malformations[how](await textOf(answer.body)) }
  }
}

const lockMessage = 'unable to obtain exclusive access to this record'

const malformations: Readonly<Record<Malformation, (text: string) => string>> = {
  unclosedQuote: (text) => `${text}"b\n`,
  columnCount: (text) => `${text}"one","too","many","cells","for","any","row","of","this","answer"\n`,
  byteOrderMark: (text) => `\uFEFF${text}`,
  mixedLineEnds: (text) => text.split('\n').reduce((all, line, index) => `${all}${index % 2 ? '\r\n' : '\n'}${line}`),
}

/** The id of the job is unknown all of a sudden. */
export const poisonedPoll: FaultAction = (_org, request) =>
  isSoap(request)
    ? soapFault('sf:INVALID_CROSS_REFERENCE_KEY', 'INVALID_CROSS_REFERENCE_KEY: invalid cross reference id')
    : refuse(request, 404, 'NOT_FOUND', 'The requested resource does not exist')

/** Any other refusal, in the form of the API that was asked. */
export function refusedWith(status: number, code: string, message: string): FaultAction {
  return (_org, request) => refuse(request, status, code, message)
}

function refuse(request: EmulatedRequest, status: number, code: string, message: string): Answer {
  return isSoap(request) ? soapFault(`sf:${code}`, `${code}: ${message}`) : refusal(new ApiError(status, code, message))
}

function isSoap({ path }: EmulatedRequest): boolean {
  return path.startsWith('/services/Soap/')
}
