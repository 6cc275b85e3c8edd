/** What kinds that look for faults take and give: they differ in the rules that they go by alone. */
import { gitSchema } from '../sources/git.ts'
import type { Source } from '../sources/source.ts'
import type { SalesforceRuleset } from './rulesets.ts'

export type Ruleset = 'javascript' | SalesforceRuleset
export type Format = 'json' | 'sarif' | 'junit'

export interface LintInput extends Source {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly rulesets?: readonly Ruleset[]
  readonly config?: string
  readonly baseline?: string
  readonly format?: readonly Format[]
  readonly failOn?: 'error' | 'warning' | 'never'
}

const pattern = { type: 'string', minLength: 1, maxLength: 500 }
const patterns = { type: 'array', maxItems: 100, items: pattern }

const sourceProperties = {
  upload: { type: 'string', format: 'upload', description: 'the id of an upload: an archive of sources' },
  path: { type: 'string', format: 'host-path', maxLength: 4_000, description: 'a directory of the machine' },
  git: {
    ...gitSchema,
    properties: { ...gitSchema.properties, token: { enum: ['git'], description: 'the secret "git" of the request' } },
  },
}

export function lintInputSchema(rulesets: readonly Ruleset[]) {
  const some = (names: readonly string[]) => ({ type: 'array', minItems: 1, uniqueItems: true, items: { enum: names } })
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      ...sourceProperties,
      include: patterns,
      exclude: patterns,
      rulesets: { ...some(rulesets), description: 'which rules; all that fit the sources when left out' },
      ...(rulesets.includes('javascript') && {
        config: { ...pattern, description: 'a configuration among the sources, or "bundled"' },
      }),
      baseline: {
        type: 'string',
        format: 'upload',
        description: 'the id of an upload: lint.json of an earlier task; what is in it is known and fails nothing',
      },
      format: { ...some(['json', 'sarif', 'junit']), description: 'which artifacts; json and sarif when left out' },
      failOn: { enum: ['error', 'warning', 'never'] },
    },
  }
}

const count = { type: 'integer', minimum: 0 }
const place = { type: 'integer', minimum: 1 }
const finding = {
  type: 'object',
  required: ['file', 'line', 'column', 'rule', 'severity', 'message'],
  additionalProperties: false,
  properties: {
    file: { type: 'string' },
    line: place,
    column: place,
    rule: { type: 'string', description: '"syntax" where a file cannot be parsed' },
    severity: { enum: ['error', 'warning'] },
    message: { type: 'string' },
  },
}

export const lintResultSchema = {
  type: 'object',
  required: ['files', 'errors', 'warnings', 'findings', 'truncated'],
  additionalProperties: false,
  properties: {
    files: { ...count, description: 'files that were looked at' },
    errors: count,
    warnings: count,
    known: { ...count, description: 'findings of the baseline, which are counted nowhere else' },
    findings: { type: 'array', items: finding },
    truncated: { type: 'boolean', description: 'there were more findings than these: the artifacts have all' },
  },
}
