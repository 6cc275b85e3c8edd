/** What config.check takes, and what it says. */
import { apiUsageSchema, type OrgInput, orgProperties } from '../salesforce/input.ts'
import { RULES, type Severity } from './rules.ts'
import { type Thresholds, thresholdsSchema } from './thresholds.ts'

export interface CheckInput extends OrgInput {
  readonly rules?: readonly string[]
  readonly thresholds?: Partial<Thresholds>
  readonly failOn?: 'error' | 'warning' | 'never'
}

const ids = RULES.map(({ id }) => id)

export const checkProperties = {
  ...orgProperties,
  rules: {
    type: 'array',
    minItems: 1,
    maxItems: RULES.length,
    uniqueItems: true,
    items: { enum: ids },
    description: 'only these; all when left out',
  },
  thresholds: thresholdsSchema,
  failOn: {
    enum: ['error', 'warning', 'never'],
    description: 'the severity of findings with which the task fails; error when left out',
  },
} as const

export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly actual: string | number | boolean | null
  readonly expected: string
  readonly evidence: readonly string[]
  /** For people, with what to do. */
  readonly message: string
}

/** `unknown`: the org did not say what the rule needs, and `why` not. */
export interface Judged {
  readonly rule: string
  readonly outcome: 'passed' | 'found' | 'unknown'
  readonly why: string | null
}

export interface CheckResult {
  readonly org: string
  readonly about: {
    readonly name: string | null
    readonly type: string | null
    readonly isSandbox: boolean | null
    readonly instance: string | null
  }
  readonly findings: readonly Finding[]
  readonly rules: readonly Judged[]
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

const text = { type: ['string', 'null'] }
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

export const checkResultSchema = object({
  org: { type: 'string' },
  about: object({ name: text, type: text, isSandbox: { type: ['boolean', 'null'] }, instance: text }),
  findings: {
    type: 'array',
    items: object({
      rule: { enum: ids },
      severity: { enum: ['error', 'warning', 'info'] },
      actual: { type: ['string', 'number', 'boolean', 'null'] },
      expected: { type: 'string' },
      evidence: { type: 'array', items: { type: 'string' }, description: 'at most 100; the artifact has all' },
      message: { type: 'string', description: 'with what to do' },
    }),
  },
  rules: {
    type: 'array',
    items: object({
      rule: { enum: ids },
      outcome: { enum: ['passed', 'found', 'unknown'], description: 'unknown: the org did not say what it needs' },
      why: { ...text, description: 'of an unknown one' },
    }),
  },
  apiUsage: apiUsageSchema,
})
