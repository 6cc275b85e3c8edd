/** What every kind that works on an org takes and is lent. */

export interface OrgInput {
  /** The alias under which the login is stored: `org/<alias>/login`. */
  readonly org: string
  /** As in 62.0; the newest that both the org and this know, where left out. */
  readonly apiVersion?: string
  /** Seconds between looks at the org, and the longest wait before a call is made again. */
  readonly pollSeconds?: number
  /** Seconds after which a task goes on that met the org's daily limit. */
  readonly limitWaitSeconds?: number
}

export const alias = {
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
  description: 'the alias of an org: its login is the secret org/<alias>/login',
}

/** Of kinds that log in, beside the alias. */
export const loginProperties = {
  sessionSeconds: {
    type: 'integer',
    minimum: 60,
    maximum: 604_800,
    description: 'how long sessions of the org last; 7200 when left out',
  },
  pollSeconds: { type: 'number', exclusiveMinimum: 0, maximum: 600, description: 'the longest wait between tries' },
} as const

/** Members of the input's schema, beside those of the kind itself. */
export const orgProperties = {
  org: alias,
  apiVersion: { type: 'string', pattern: '^[1-9][0-9]\\.0$', description: 'of the Salesforce API, as in 62.0' },
  pollSeconds: { type: 'number', exclusiveMinimum: 0, maximum: 600, description: 'seconds between looks at the org' },
  limitWaitSeconds: {
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 86_400,
    description: "seconds to wait when the org's limit of a day is used up; 2400 when left out",
  },
} as const

/** The session of the org, which is there once auth.refresh has run; the first task of an org runs it itself. */
export const orgSecrets = { session: { reference: 'vault:org/{org}/session' } } as const

/** Of a result: what the work cost of the org's API calls. */
export const apiUsageSchema = {
  type: 'object',
  required: ['calls', 'used', 'limit'],
  additionalProperties: false,
  properties: {
    calls: { type: 'integer', minimum: 0, description: 'calls of all attempts of the task' },
    used: { type: ['integer', 'null'], description: 'calls to the org in the last 24 hours, by all who use it' },
    limit: { type: ['integer', 'null'] },
  },
} as const
