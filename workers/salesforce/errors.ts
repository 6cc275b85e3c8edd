/**
 * What can go wrong with an org, as data: how each class is recognised. The first rule that fits decides; codes and texts
 * are Salesforce's own.
 */
import { type Facts, networkCodes } from './facts.ts'
import { POLICIES } from './policies.ts'

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

interface Rule {
  readonly is: ErrorClass
  /** Any of these; a "*" at the end stands for any ending. */
  readonly codes?: readonly string[]
  readonly text?: RegExp
  readonly statuses?: readonly number[]
  /** Both the codes and the text must fit, not one of them. */
  readonly both?: true
}

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

  /** The org has certainly not done it: it answered, with what says so. */
  get isRefused(): boolean {
    if (this.isUnsure || this.status === undefined || this.status === 408) return false
    return this.status < 500 || this.class !== 'SALESFORCE_ERROR'
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
