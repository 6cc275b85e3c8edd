/**
 * What can go wrong with an org, as data: how each class is recognised, what is done about it, and what a person can do.
 * The first rule that fits decides; codes and texts are Salesforce's own.
 */

export const ERROR_CLASSES = [
  'NETWORK_TRANSIENT',
  'SERVER_TRANSIENT',
  'LOCK',
  'THROTTLED_CONCURRENT',
  'THROTTLED_DAILY',
  'AUTH_EXPIRED',
  'AUTH_INVALID',
  'TOO_BIG',
  'VALIDATION',
  'SALESFORCE_ERROR',
] as const

export type ErrorClass = (typeof ERROR_CLASSES)[number]

/** What is known of a failure: of an answer its status, code and message; of a connection the code of its error. */
export interface Facts {
  readonly status?: number
  readonly code?: string
  readonly message: string
  readonly network?: string
}

interface Rule {
  readonly is: ErrorClass
  /** Any of these; a "*" at the end stands for any ending. */
  readonly codes?: readonly string[]
  readonly text?: RegExp
  readonly statuses?: readonly number[]
  /** Both the codes and the text must fit, not one of them. */
  readonly both?: true
}

const networkCodes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]

const networkText =
  /^terminated$|other side closed|socket hang up|Client network socket disconnected before secure TLS connection was established/

const rules: readonly Rule[] = [
  { is: 'NETWORK_TRANSIENT', codes: networkCodes },
  {
    is: 'AUTH_INVALID',
    codes: ['invalid_grant', 'invalid_client', 'invalid_client_id', 'INVALID_LOGIN'],
    text: /Connected app is not attached to Agent|This session is not valid for use with the REST API/,
  },
  { is: 'AUTH_INVALID', codes: ['API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'INSUFFICIENT_ACCESS*'] },
  { is: 'AUTH_EXPIRED', codes: ['INVALID_SESSION_ID'], text: /\bBad_OAuth_Token\b/, statuses: [401] },
  {
    is: 'LOCK',
    codes: ['UNABLE_TO_LOCK_ROW', 'ALREADY_IN_PROCESS'],
    text: /administration setup has already been locked|Cannot update or delete a picklist while a picklist background job is being executed|another (?:package )?(?:install|uninstall)\w* (?:is|request)/i,
  },
  {
    is: 'THROTTLED_CONCURRENT',
    codes: ['REQUEST_LIMIT_EXCEEDED'],
    text: /ConcurrentRequests.*Limit exceeded/i,
    both: true,
  },
  { is: 'THROTTLED_DAILY', codes: ['REQUEST_LIMIT_EXCEEDED'] },
  {
    is: 'TOO_BIG',
    codes: ['OPERATION_TOO_LARGE', 'EXCEEDED_ID_LIMIT'],
    text: /Too many files in retrieve call|ClientInputError ?: .*exceeded/,
  },
  {
    is: 'THROTTLED_DAILY',
    codes: ['EXCEEDED*', 'LIMIT_EXCEEDED'],
    text: /\b(?:daily|active) scratch org\w*\b.*limit|TotalRequests Limit exceeded/i,
  },
  {
    is: 'SERVER_TRANSIENT',
    codes: ['SERVER_UNAVAILABLE', 'UNKNOWN_EXCEPTION', 'INVALID_QUERY_LOCATOR', 'QUERY_TIMEOUT'],
    text: /Unable to complete the creation of the query cursor at this time|Failed while fetching query cursor data for this QueryLocator|Unexpected internal servlet state|<h1>Bad Message 400<\/h1>/,
    statuses: [420, 429, 502, 503, 504],
  },
  {
    is: 'VALIDATION',
    codes: [
      'MALFORMED_*',
      'INVALID_FIELD*',
      'INVALID_TYPE*',
      'REQUIRED_FIELD_MISSING',
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      'DUPLICATE_VALUE',
      'DUPLICATES_DETECTED',
      'STRING_TOO_LONG',
      'INVALID_CROSS_REFERENCE_KEY',
      'INVALID_ID_FIELD',
      'ENTITY_IS_DELETED',
      'NOT_FOUND',
      'NOTFOUND',
      'INVALIDENTITY',
      'INVALIDJOB*',
      'InvalidBatch',
      'JSON_PARSER_ERROR',
    ],
  },
]

export function classify(facts: Facts): ErrorClass {
  const code = bareCode(facts.network ?? facts.code)
  const found = rules.find((rule) => fits(rule, code, facts))
  if (found) return found.is
  // Without a code of Salesforce's own it is not its API that answered.
  return (facts.status ?? 0) >= 500 && code === undefined ? 'SERVER_TRANSIENT' : 'SALESFORCE_ERROR'
}

/** Of one row of a bulk job: `CODE:message:fields--`. */
export function classifyRow(error: string): ErrorClass {
  const [code = ''] = error.split(':', 1)
  return classify({ code, message: error })
}

/** SOAP has a prefix before it: `sf:INVALID_SESSION_ID`. */
function bareCode(code: string | undefined): string | undefined {
  return code?.replace(/^\w+:/, '')
}

function fits({ codes, text, statuses, both }: Rule, code: string | undefined, { message, status }: Facts): boolean {
  const byCode = code !== undefined && (codes?.some((one) => isCode(one, code)) ?? false)
  const byText = text?.test(message) ?? false
  if (both) return byCode && byText
  return byCode || byText || (status !== undefined && (statuses?.includes(status) ?? false))
}

function isCode(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern
}

/** What a thrown thing tells, looked for through its causes: of connections the code is on the innermost. */
export function factsOf(thrown: unknown): Facts {
  const chain = [...causesOf(thrown)]
  const message = chain.map(messageOf).find((text) => text !== '' && text !== 'fetch failed') ?? String(thrown)
  const network = chain.map(codeOf).find((code) => code !== undefined && networkCodes.includes(code))
  if (network !== undefined) return { network, message }
  if (chain.some((one) => messageOf(one).match(networkText))) return { network: 'UND_ERR_SOCKET', message }
  if (chain.some(isTimeout)) return { network: 'ETIMEDOUT', message }
  // A compressed answer that was cut short.
  if (chain.some((one) => codeOf(one)?.startsWith('Z_'))) return { network: 'UND_ERR_SOCKET', message }
  const code = chain.map((one) => (one as { errorCode?: unknown }).errorCode).find((one) => typeof one === 'string')
  return { message, ...(typeof code === 'string' && { code }) }
}

function* causesOf(thrown: unknown): Generator<object> {
  let one = thrown
  for (let depth = 0; depth < 10 && typeof one === 'object' && one !== null; depth++) {
    yield one
    one = (one as { cause?: unknown }).cause
  }
}

function messageOf(one: object): string {
  const { message } = one as { message?: unknown }
  return typeof message === 'string' ? message : ''
}

function codeOf(one: object): string | undefined {
  const { code } = one as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function isTimeout(one: object): boolean {
  return (one as { name?: unknown }).name === 'TimeoutError'
}

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

export interface ErrorPlace {
  readonly org: string
  /** What was being done, as in "while reading the limits". */
  readonly step: string
}

/** A failure that a person can act on: which org, which step, Salesforce's own code and message, what to do. */
export class SalesforceError extends Error {
  /** Its class: what clients match on. */
  readonly code: ErrorClass
  readonly class: ErrorClass
  readonly retryable: boolean
  readonly org: string
  readonly step: string
  /** Of the answer; undefined when there was none. */
  readonly status: number | undefined
  /** Salesforce's own, or that of the connection's error. */
  readonly salesforceCode: string | undefined
  readonly salesforceMessage: string

  constructor(
    facts: Facts,
    { org, step }: ErrorPlace,
    options: ErrorOptions & { as?: ErrorClass; advice?: string } = {},
  ) {
    const is = options.as ?? classify(facts)
    const { retryable, advice } = POLICIES[is]
    super(sentence(facts, { org, step }, options.advice ?? advice), options)
    this.name = 'SalesforceError'
    this.code = is
    this.class = is
    this.retryable = retryable
    this.org = org
    this.step = step
    this.status = facts.status
    this.salesforceCode = facts.network ?? bareCode(facts.code)
    this.salesforceMessage = facts.message
  }

  /** Nobody knows whether the org has done it: there was no answer, or one that does not tell. */
  get isUnsure(): boolean {
    return this.class === 'NETWORK_TRANSIENT' || (this.class === 'SERVER_TRANSIENT' && this.status !== 429)
  }
}

const maxQuoted = 1_000

function sentence(facts: Facts, { org, step }: ErrorPlace, advice: string): string {
  const code = facts.network ?? bareCode(facts.code)
  const isAnswer = facts.network === undefined && (facts.status !== undefined || code !== undefined)
  const who = isAnswer ? 'Salesforce answered' : 'no answer came:'
  const said = facts.message.replace(/\s+/g, ' ').trim().slice(0, maxQuoted).replace(/\.$/, '')
  const known = [facts.status, code].filter((one) => one !== undefined && one !== '').join(' ')
  const repeated = code !== undefined && said.startsWith(`${code}: `) ? said.slice(code.length + 2) : said
  return `org ${org}, while ${step}: ${who} ${[known, repeated].filter(Boolean).join(': ')}. ${advice}.`
}
