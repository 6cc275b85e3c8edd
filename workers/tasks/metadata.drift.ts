import type { Context } from '../context.ts'
import { deployProperties } from '../deploy/input.ts'
import type { DriftInput, DriftResult } from '../drift/input.ts'
import { apiUsageSchema, orgProperties, orgSecrets } from '../salesforce/input.ts'
import { preload } from './sf/family.ts'

const count = { type: 'integer', minimum: 0 }
const { upload, git, directory, packageDirectories, include, exclude } = deployProperties

/** Compares the metadata of a project with what an org has of it. */
export default {
  kind: 'metadata.drift',
  title: 'Compare sources with an org',
  pool: 'normal',
  preload,
  secrets: { ...orgSecrets, git: {} },
  limits: { runSeconds: 4 * 3600, memoryMiB: 2048 },
  retry: { maxAttempts: 5, backoffSeconds: 5, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      ...{ upload, git, directory, packageDirectories, include, exclude },
      ignore: {
        type: 'array',
        maxItems: 500,
        items: { type: 'string', minLength: 1, maxLength: 500 },
        description: 'components that do not count, as in "Profile:*": a type and a name, * for any part of it',
      },
      failOn: { enum: ['any', 'never'], description: 'fails when anything differs; never when left out' },
    },
  },
  result: {
    type: 'object',
    required: ['org', 'same', 'changed', 'onlyHere', 'onlyThere', 'drifts', 'truncated', 'apiUsage'],
    additionalProperties: false,
    properties: {
      org: { type: 'string' },
      same: { ...count, description: 'components' },
      changed: count,
      onlyHere: { ...count, description: 'in the sources, and not in the org' },
      onlyThere: { ...count, description: 'in the org, of the types that the sources have, and not in the sources' },
      drifts: {
        type: 'array',
        items: {
          type: 'object',
          required: ['what', 'type', 'name', 'path', 'detail', 'file'],
          additionalProperties: false,
          properties: {
            what: { enum: ['changed', 'only-here', 'only-there'] },
            type: { type: 'string' },
            name: { type: 'string' },
            path: { type: 'string', description: 'in a package' },
            detail: { type: ['string', 'null'], description: 'elements that differ, or the first line' },
            file: { type: ['string', 'null'], description: 'in the sources' },
          },
        },
      },
      truncated: { type: 'boolean', description: 'there were more than these: drift.json has all' },
      apiUsage: apiUsageSchema,
    },
  },
  async run(context: Context<DriftInput>): Promise<DriftResult> {
    const { findDrift } = await import('../drift/drift.ts')
    return findDrift(context)
  },
}
