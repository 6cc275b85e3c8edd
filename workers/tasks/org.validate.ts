import { thresholdsSchema } from '../apex-tests/coverage.ts'
import { stepsSchema } from '../composite/report.ts'
import { gitProperties, gitSecrets } from '../composite/source.ts'
import type { Context } from '../context.ts'
import { deployProperties } from '../deploy/input.ts'
import type { ValidateOrgInput, ValidateOrgResult } from '../org-validate/input.ts'
import { orgProperties } from '../salesforce/input.ts'

const { upload, directory, packageDirectories, include, exclude } = deployProperties

/** Looks at a whole org in several tasks of their own, and makes one report with a score of it. */
export default {
  kind: 'org.validate',
  title: 'Validate an org',
  pool: 'batch',
  secrets: gitSecrets,
  limits: { runSeconds: 3_600 },
  retry: { maxAttempts: 3, backoffSeconds: 10, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      ...gitProperties,
      ...{ upload, directory, packageDirectories, include, exclude },
      tests: {
        enum: ['validate', 'run', 'none'],
        description:
          'validate: a validation of the sources with all local tests, where there are sources; run: the local tests that the org has',
      },
      coverage: thresholdsSchema,
      ignore: {
        type: 'array',
        maxItems: 500,
        items: { type: 'string', minLength: 1, maxLength: 500 },
        description: 'components whose drift does not count, as in "Profile:*"',
      },
      minScore: { type: 'number', minimum: 0, maximum: 100, description: 'fails below it' },
      failOn: { enum: ['any', 'never'], description: 'of steps that are not good; any when left out' },
    },
  },
  result: {
    type: 'object',
    required: ['org', 'score', 'commit', 'steps', 'findings', 'truncated'],
    additionalProperties: false,
    properties: {
      org: { type: 'string' },
      score: { type: 'integer', minimum: 0, maximum: 100 },
      commit: { type: ['string', 'null'], description: 'of the sources, where they come from git' },
      steps: stepsSchema,
      findings: {
        type: 'array',
        items: {
          type: 'object',
          required: ['step', 'file', 'line', 'column', 'rule', 'severity', 'message'],
          additionalProperties: false,
          properties: {
            step: { type: 'string' },
            file: { type: 'string', description: 'in the sources, or org/<alias>' },
            line: { type: 'integer', minimum: 1 },
            column: { type: 'integer', minimum: 1 },
            rule: { type: 'string' },
            severity: { enum: ['error', 'warning'] },
            message: { type: 'string' },
          },
        },
      },
      truncated: { type: 'boolean', description: 'there were more findings than these: the artifacts have all' },
    },
  },
  async run(context: Context<ValidateOrgInput>): Promise<ValidateOrgResult> {
    const { validateOrg } = await import('../org-validate/validate.ts')
    return validateOrg(context)
  },
}
