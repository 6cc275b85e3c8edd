/** The result of a task that deploys, as the kinds promise it. */
import { percentOf } from '../../apex-tests/coverage.ts'
import type { Finding } from '../../lint/report.ts'
import { apiUsageSchema } from '../../salesforce/input.ts'
import type { Outcome } from './outcome.ts'

/** In the result and in the log; the artifacts have all. */
export const shownFindings = 500
const shownClasses = 500

const count = { type: 'integer', minimum: 0 }
const percent = { type: ['integer', 'null'], minimum: 0, maximum: 100 }
const object = (properties: Readonly<Record<string, unknown>>, more: object = {}) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
  ...more,
})

export const deployResultSchema = object({
  org: { type: 'string' },
  id: { type: 'string', description: 'of the deployment in the org, as in 0Af…' },
  status: { type: 'string', description: "Salesforce's own word, as in Succeeded" },
  checkOnly: { type: 'boolean' },
  components: object({ total: count, deployed: count, errors: count }),
  tests: object({ total: count, passed: count, failed: count, seconds: { type: 'number', minimum: 0 } }),
  coverage: object({
    percent: { ...percent, description: 'of the code that the deployment counted; null where it ran no tests' },
    classes: { type: 'array', items: object({ name: { type: 'string' }, percent }) },
  }),
  findings: {
    type: 'array',
    items: object({
      file: { type: 'string', description: 'in the sources' },
      line: { type: 'integer', minimum: 1 },
      column: { type: 'integer', minimum: 1 },
      rule: { type: 'string', description: 'the type of the component, "test", "coverage" or "package"' },
      severity: { enum: ['error', 'warning'] },
      message: { type: 'string' },
    }),
  },
  truncated: { type: 'boolean', description: 'there was more than this: the artifacts have all' },
  zip: {
    ...object({
      files: count,
      bytes: count,
      sha256: { type: ['string', 'null'], description: 'null where replacements put a secret in' },
      format: { enum: ['source', 'mdapi'] },
    }),
    type: ['object', 'null'],
    description: 'what was sent; null of a quick deployment, which sends nothing',
  },
  quickDeployUntil: {
    type: ['string', 'null'],
    description: 'of a validation that deploy.quick may make real, until when; null otherwise',
  },
  apiUsage: apiUsageSchema,
})

export interface ZipFacts {
  readonly files: number
  readonly bytes: number
  readonly sha256: string | null
  readonly format: 'source' | 'mdapi'
}

export interface DeployResult {
  readonly org: string
  readonly id: string
  readonly status: string
  readonly checkOnly: boolean
  readonly components: { readonly total: number; readonly deployed: number; readonly errors: number }
  readonly tests: { readonly total: number; readonly passed: number; readonly failed: number; readonly seconds: number }
  readonly coverage: {
    readonly percent: number | null
    readonly classes: readonly { readonly name: string; readonly percent: number | null }[]
  }
  readonly findings: readonly Finding[]
  readonly truncated: boolean
  readonly zip: ZipFacts | null
  readonly quickDeployUntil: string | null
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

interface Facts {
  readonly org: string
  readonly checkOnly: boolean
  readonly zip: ZipFacts | null
  readonly quickDeployUntil: string | null
  readonly apiUsage: DeployResult['apiUsage']
}

export function toResult({ status, coverage, orgPercent, findings }: Outcome, facts: Facts): DeployResult {
  return {
    org: facts.org,
    id: status.id,
    status: status.status,
    checkOnly: facts.checkOnly,
    components: {
      total: status.numberComponentsTotal,
      deployed: status.numberComponentsDeployed,
      errors: status.numberComponentErrors,
    },
    tests: {
      total: status.numberTestsTotal,
      passed: status.numberTestsCompleted,
      failed: status.numberTestErrors,
      seconds: (status.details?.runTestResult?.totalTime ?? 0) / 1_000,
    },
    coverage: {
      percent: orgPercent,
      classes: coverage.slice(0, shownClasses).map((one) => ({ name: one.name, percent: percentOf([one]) })),
    },
    findings: findings.slice(0, shownFindings),
    truncated: findings.length > shownFindings || coverage.length > shownClasses,
    zip: facts.zip,
    quickDeployUntil: facts.quickDeployUntil,
    apiUsage: facts.apiUsage,
  }
}
