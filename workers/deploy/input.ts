/** What kinds that deploy take. */
import { type Thresholds, thresholdsSchema } from '../apex-tests/coverage.ts'
import { type OrgInput, orgProperties } from '../salesforce/input.ts'
import { gitSchema } from '../sources/git.ts'
import type { Source } from '../sources/source.ts'
import type { Build } from './build/build.ts'

const TEST_LEVELS = ['NoTestRun', 'RunSpecifiedTests', 'RunLocalTests', 'RunAllTestsInOrg'] as const

/** How to go on when the org is busy with a deployment of somebody else. */
export type OnConflict = 'queue' | 'fail'

export interface RemoteInput extends OrgInput {
  readonly transport?: 'soap' | 'rest'
  readonly onConflict?: OnConflict
  readonly coverage?: Thresholds
}

export interface DeployInput extends RemoteInput, Build, Pick<Source, 'upload' | 'git'> {
  readonly apiVersion?: string
  readonly testLevel?: (typeof TEST_LEVELS)[number]
  readonly runTests?: readonly string[]
  readonly rollbackOnError?: boolean
  readonly ignoreWarnings?: boolean
  readonly purgeOnDelete?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Variable → name of a secret. */
  readonly secretEnv?: Readonly<Record<string, string>>
}

/** Secrets that replacements of a project put into its package. */
export const REPLACEMENT_SECRETS = Array.from({ length: 8 }, (_, at) => `replacement${at === 0 ? '' : at + 1}`)

export const replacementSecrets = Object.fromEntries(REPLACEMENT_SECRETS.map((name) => [name, {}]))

const path = { type: 'string', minLength: 1, maxLength: 1_000 }
const pattern = { type: 'string', minLength: 1, maxLength: 500 }
const patterns = (description: string) => ({ type: 'array', maxItems: 500, items: pattern, description })
const className = {
  type: 'string',
  pattern: '^[A-Za-z][A-Za-z0-9_.]{0,254}$',
  description: 'the name of a class, with its namespace where it has one',
}

const variable = { pattern: '^[A-Za-z_][A-Za-z0-9_]*$', maxLength: 200 }

/** Of everything that deploys. */
export const remoteProperties = {
  ...orgProperties,
  transport: {
    enum: ['soap', 'rest'],
    description: 'soap when left out, but rest where the session is a JWT, which SOAP refuses',
  },
  onConflict: {
    enum: ['queue', 'fail'],
    description: 'while the org is busy with a deployment of somebody else: wait in its queue (when left out), or fail',
  },
  coverage: thresholdsSchema,
} as const

export const deployProperties = {
  ...remoteProperties,
  upload: {
    type: 'string',
    format: 'upload',
    description: 'the id of an upload: an archive of a project in source format, or of a package with package.xml',
  },
  git: {
    ...gitSchema,
    properties: { ...gitSchema.properties, token: { enum: ['git'], description: 'the secret "git" of the request' } },
  },
  directory: { ...path, description: 'where in the sources the project lies; looked for when left out' },
  packageDirectories: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: path,
    description: 'of the project only these',
  },
  include: patterns('patterns of paths in the project: only these are deployed'),
  exclude: patterns('patterns of paths in the project that are not deployed'),
  destructive: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    description: 'manifests of what is deleted before and after, by their path in the project',
    properties: { pre: path, post: path },
  },
  testLevel: { enum: TEST_LEVELS, description: 'what the org decides when left out: in production its local tests' },
  runTests: { type: 'array', minItems: 1, maxItems: 5_000, items: className, description: 'with RunSpecifiedTests' },
  ignoreWarnings: { type: 'boolean' },
  env: {
    type: 'object',
    maxProperties: 100,
    propertyNames: variable,
    additionalProperties: { type: 'string', maxLength: 100_000 },
    description: 'variables for the replacements of sfdx-project.json: no environment of a machine is read',
  },
  secretEnv: {
    type: 'object',
    maxProperties: REPLACEMENT_SECRETS.length,
    propertyNames: variable,
    additionalProperties: { enum: REPLACEMENT_SECRETS },
    description: 'the same, by the name of a secret of the request',
  },
  purgeOnDelete: { type: 'boolean', description: 'what is deleted does not go to the recycle bin; not in production' },
} as const
