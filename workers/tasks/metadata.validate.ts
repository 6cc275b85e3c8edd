import type { Context } from '../context.ts'
import { lintInputSchema, lintResultSchema } from '../lint/schema.ts'
import { checkNames } from '../metadata/validate/check-names.ts'
import type { ValidateInput } from '../metadata/validate/input.ts'
import type { ValidateResult } from '../metadata/validate/run.ts'
import { orgProperties, orgSecrets } from '../salesforce/input.ts'

const { rulesets: _, ...properties } = lintInputSchema(['metadata']).properties
const count = { type: 'integer', minimum: 0 }
const name = { type: 'string', minLength: 1, maxLength: 255 }

/** Looks at a project or a package as Salesforce would, before anything is uploaded; asks an org to compile, where wanted. */
export default {
  kind: 'metadata.validate',
  title: 'Validate metadata',
  pool: 'critical',
  secrets: { ...orgSecrets, git: {} },
  limits: { runSeconds: 1_800, memoryMiB: 1024 },
  input: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      ...properties,
      ...orgProperties,
      checks: { type: 'array', minItems: 1, uniqueItems: true, items: { enum: checkNames } },
      compile: {
        type: 'object',
        required: ['classes'],
        additionalProperties: false,
        properties: {
          classes: {
            description:
              'names of classes and triggers that the org has, or "changed": those whose code is another there',
            anyOf: [{ const: 'changed' }, { type: 'array', minItems: 1, maxItems: 200, items: name }],
          },
        },
      },
    },
  },
  result: {
    ...lintResultSchema,
    required: [...lintResultSchema.required, 'format', 'components', 'references'],
    properties: {
      ...lintResultSchema.properties,
      format: { enum: ['source', 'mdapi'] },
      components: count,
      references: {
        type: ['object', 'null'],
        description: 'where components name others; null where that was not looked at',
        required: ['resolved', 'unresolved', 'needed'],
        additionalProperties: false,
        properties: {
          resolved: count,
          unresolved: { ...count, description: 'names of what is not there, or is to be deleted: findings' },
          needed: { ...count, description: 'components that the org must have: the artifact needed.json has them' },
        },
      },
    },
  },
  async run(context: Context<ValidateInput>): Promise<ValidateResult> {
    const { runValidate } = await import('../metadata/validate/run.ts')
    return runValidate(context)
  },
  async cleanup(context: Context<ValidateInput>): Promise<void> {
    if (!context.input.compile || context.checkpoint === null) return
    const { stopCompiling } = await import('../metadata/validate/compile.ts')
    await stopCompiling(context)
  },
}
