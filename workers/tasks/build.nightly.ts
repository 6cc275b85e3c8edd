import { thresholdsSchema } from '../apex-tests/coverage.ts'
import type { BuildInput, BuildResult } from '../build/input.ts'
import { stepsSchema } from '../composite/report.ts'
import { gitProperties, gitSecrets } from '../composite/source.ts'
import type { Context } from '../context.ts'
import { deployProperties } from '../deploy/input.ts'
import { orgProperties } from '../salesforce/input.ts'

const text = { type: 'string', minLength: 1, maxLength: 240 }
const { org, ...ofOrgs } = orgProperties
const { directory, packageDirectories, include, exclude, testLevel } = deployProperties

/** Builds a project when it has changed: looks for faults, packs, validates in an org, makes a version of a package. */
export default {
  kind: 'build.nightly',
  title: 'Build a project',
  pool: 'batch',
  secrets: gitSecrets,
  directory: 'builds',
  limits: { runSeconds: 3_600, memoryMiB: 1024 },
  retry: { maxAttempts: 3, backoffSeconds: 30, maxBackoffSeconds: 300 },
  input: {
    type: 'object',
    required: ['git'],
    additionalProperties: false,
    properties: {
      ...gitProperties,
      org: { ...org, description: 'of the org that validates it, with its local tests; none does when left out' },
      ...ofOrgs,
      ...{ directory, packageDirectories, include, exclude },
      testLevel: { ...testLevel, description: 'RunLocalTests when left out' },
      coverage: thresholdsSchema,
      failOn: { enum: ['error', 'warning', 'never'], description: 'of what lint and metadata.validate find; error' },
      package: {
        type: 'object',
        required: ['org', 'packageId'],
        additionalProperties: false,
        description: 'makes a version of this package when all else is good, in the Dev Hub `org`',
        properties: {
          org,
          packageId: { type: 'string', pattern: '^0Ho[A-Za-z0-9]{12,15}$' },
          versionNumber: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+\\.(?:\\d+|NEXT)$' },
          ...{ versionName: text, tag: text, branch: text },
          codeCoverage: { type: 'boolean' },
          skipValidation: { type: 'boolean' },
        },
      },
      status: {
        type: 'object',
        required: ['repository'],
        additionalProperties: false,
        description: 'tells the commit of the forge what came of it, with the token of gitToken',
        properties: {
          repository: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$' },
          apiUrl: { type: 'string', maxLength: 500, description: 'https://api.github.com when left out' },
          context: { ...text, description: 'mayfly/build.nightly when left out' },
          targetUrl: { type: 'string', pattern: '^https?://', maxLength: 2_000 },
        },
      },
      force: { type: 'boolean', description: 'builds also a commit that was built and was good' },
    },
  },
  result: {
    type: 'object',
    required: ['skipped', 'commit', 'zip', 'steps', 'packageVersion'],
    additionalProperties: false,
    properties: {
      skipped: { type: 'boolean', description: 'the commit was built before, and nothing was done' },
      commit: { type: 'string' },
      zip: {
        type: ['object', 'null'],
        required: ['files', 'bytes', 'sha256', 'format'],
        additionalProperties: false,
        properties: {
          files: { type: 'integer', minimum: 0 },
          bytes: { type: 'integer', minimum: 0 },
          sha256: { type: 'string' },
          format: { enum: ['source', 'mdapi'] },
        },
      },
      steps: stepsSchema,
      packageVersion: { type: ['string', 'null'], description: '04t… of the version that was made' },
    },
  },
  async run(context: Context<BuildInput>): Promise<BuildResult> {
    const { buildNightly } = await import('../build/nightly.ts')
    return buildNightly(context)
  },
  async cleanup(context: Context<BuildInput>): Promise<void> {
    const { abandonBuild } = await import('../build/nightly.ts')
    await abandonBuild(context)
  },
}
