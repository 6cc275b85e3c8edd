import type { Context } from '../context.ts'
import { deployProperties } from '../deploy/input.ts'
import type { CreateInput, CreateResult } from '../packages/create-version.ts'
import { orgProperties, orgSecrets } from '../salesforce/input.ts'
import { preload } from './sf/family.ts'

const text = { type: 'string', minLength: 1, maxLength: 240 }
const { upload, git, directory } = deployProperties

/** Makes a version of a package in a Dev Hub, as `sfdx-project.json` describes it. */
export default {
  kind: 'package.version.create',
  title: 'Make a version of a package',
  pool: 'batch',
  preload,
  secrets: { ...orgSecrets, git: {}, installKey: { reference: 'vault:package/{packageId}/installation-key' } },
  concurrency: { key: 'package:{packageId}' },
  limits: { runSeconds: 6 * 3600, memoryMiB: 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 10, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['org', 'packageId'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      upload,
      git,
      directory,
      packageId: { type: 'string', pattern: '^0Ho[A-Za-z0-9]{12,15}$', description: 'of the package, as in 0Ho…' },
      versionNumber: {
        type: 'string',
        pattern: '^\\d+\\.\\d+\\.\\d+\\.(?:\\d+|NEXT)$',
        description: "as in 1.2.0.NEXT; the project's when left out",
      },
      versionName: text,
      tag: text,
      branch: text,
      codeCoverage: { type: 'boolean', description: 'a version without it cannot be promoted' },
      skipValidation: { type: 'boolean' },
    },
  },
  result: {
    type: 'object',
    required: ['org', 'requestId', 'packageId', 'versionId', 'subscriberVersionId', 'version', 'passedCoverage'],
    additionalProperties: false,
    properties: {
      org: { type: 'string' },
      requestId: { type: 'string' },
      packageId: { type: 'string' },
      versionId: { type: 'string', description: '05i…' },
      subscriberVersionId: { type: 'string', description: '04t…: what package.install takes' },
      version: { type: 'string' },
      passedCoverage: { type: ['boolean', 'null'] },
    },
  },
  async run(context: Context<CreateInput>): Promise<CreateResult> {
    const { createVersion } = await import('../packages/create-version.ts')
    return createVersion(context)
  },
  async cleanup(context: Context<CreateInput>): Promise<void> {
    const { followVersion } = await import('../packages/create-version.ts')
    await followVersion(context)
  },
}
