/** Up to 200 rows a call, each with a result of its own, in the order in which they were asked for. */

import type { Context } from '../../context.ts'
import { classify, SalesforceError } from '../../salesforce/errors.ts'
import type { Org } from '../../salesforce/org.ts'
import { PACES } from '../../salesforce/poll.ts'
import { TIMEOUTS } from '../../salesforce/timeouts.ts'
import { pause } from '../../salesforce/transport.ts'
import type { Sent } from '../made.ts'
import type { RestoreInput } from './input.ts'

export interface RowResult {
  readonly id?: string
  readonly success: boolean
  readonly errors: readonly {
    readonly statusCode: string
    readonly message: string
    readonly fields?: readonly string[]
  }[]
}

type CallContext = Pick<Context<RestoreInput>, 'input' | 'signal'>

/** Of rows that something else held at the moment. */
const lockTries = 4

export function insertRows(
  context: CallContext,
  org: Org,
  object: string,
  rows: readonly Sent[],
): Promise<RowResult[]> {
  const send = (records: readonly object[]) => write(context, org, object, 'POST', records)
  return againWhereLocked(
    context,
    rows.map((values) => ({ attributes: { type: object }, ...values })),
    send,
  )
}

export function updateRows(
  context: CallContext,
  org: Org,
  object: string,
  rows: readonly { readonly id: string; readonly values: Sent }[],
): Promise<RowResult[]> {
  const send = (records: readonly object[]) => write(context, org, object, 'PATCH', records)
  const records = rows.map(({ id, values }) => ({ attributes: { type: object }, Id: id, ...values }))
  return againWhereLocked(context, records, send)
}

async function write(
  { input }: CallContext,
  org: Org,
  object: string,
  method: 'POST' | 'PATCH',
  records: readonly object[],
) {
  const sent = org.request<RowResult[]>('/composite/sobjects', {
    method,
    json: { allOrNone: false, records },
    headers: writeHeaders(input),
    timeoutMs: TIMEOUTS.large,
    // Setting the same values twice does no harm; making rows twice does.
    repeatable: method === 'PATCH',
    step: `${method === 'POST' ? 'making' : 'changing'} ${records.length} rows of ${object}`,
  })
  return sent.catch((error: unknown): RowResult[] => {
    const result = refusedResult(error)
    return records.map(() => result)
  })
}

/** What the org refuses as a whole, it refuses of each row; what may go better later is thrown. */
export function refusedResult(error: unknown): RowResult {
  if (!(error instanceof SalesforceError) || error.retryable || error.isUnsure) throw error
  const { salesforceCode = error.code, salesforceMessage: message } = error
  return { success: false, errors: [{ statusCode: salesforceCode, message }] }
}

/** No assignment rules; duplicate rules only warn, where they may. */
export function writeHeaders({ skipDuplicateRules = true }: RestoreInput): Record<string, string> {
  return {
    'sforce-auto-assign': 'FALSE',
    ...(skipDuplicateRules && { 'sforce-duplicate-rule-header': 'allowSave=true' }),
  }
}

async function againWhereLocked<T>(
  context: CallContext,
  all: readonly T[],
  send: (some: readonly T[]) => Promise<RowResult[]>,
): Promise<RowResult[]> {
  const results = await send(all)
  for (let tried = 1; tried < lockTries; tried++) {
    const locked = [...results.keys()].filter((at) => isLocked(results[at]))
    if (locked.length === 0) break
    await pause((context.input.pollSeconds ?? (5 * 2 ** tried * PACES.bulk.firstMs) / 1_000) * 1_000, context.signal)
    const again = await send(locked.map((at) => all[at] as T))
    for (const [nth, at] of locked.entries()) results[at] = again[nth] as RowResult
  }
  return results
}

function isLocked(result: RowResult | undefined): boolean {
  return result?.errors.some(({ statusCode, message }) => classify({ code: statusCode, message }) === 'LOCK') ?? false
}

/** Out of the recycle bin, which only the partner API can do. */
export async function undeleteRows(org: Org, ids: readonly string[]): Promise<RowResult[]> {
  const path = `/services/Soap/u/${org.apiVersion}`
  // SOAP takes the session in its envelope.
  const session = (org.call(path).headers?.authorization ?? '').replace('Bearer ', '')
  const body =
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">' +
    `<soapenv:Header><SessionHeader><sessionId>${escapeXml(session)}</sessionId></SessionHeader></soapenv:Header>` +
    `<soapenv:Body><undelete>${ids.map((id) => `<ids>${escapeXml(id)}</ids>`).join('')}</undelete></soapenv:Body></soapenv:Envelope>`
  const answer = await org.request<string>(path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' },
    // What is out of the bin already says so, and nothing else happens.
    repeatable: true,
    step: `taking ${ids.length} rows out of the recycle bin`,
  })
  return [...answer.matchAll(/<(?:\w+:)?result\b[^>]*>(.*?)<\/(?:\w+:)?result>/gs)].map(([, text = '']) =>
    toResult(text),
  )
}

function toResult(xml: string): RowResult {
  const textOf = (name: string) => new RegExp(`<(?:\\w+:)?${name}>([^<]*)<`).exec(xml)?.[1] ?? ''
  const success = textOf('success') === 'true'
  const errors = success ? [] : [{ statusCode: textOf('statusCode'), message: textOf('message') }]
  return { id: textOf('id'), success, errors }
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** A string in a query. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}
