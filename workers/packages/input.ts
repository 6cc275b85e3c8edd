/** What package.install takes, and what it says in the end. */
import { apiUsageSchema, type OrgInput, orgProperties } from '../salesforce/input.ts'

/** Secrets that hold installation keys, each of one or of several packages. */
export const KEY_SECRETS = Array.from({ length: 8 }, (_, index) => `installationKey${index === 0 ? '' : index + 1}`)

export interface Wanted {
  readonly versionId: string
  /** Name of a secret. */
  readonly installationKey?: string
  readonly securityType?: 'None' | 'Full' | 'Custom'
  readonly nameConflict?: 'Block' | 'RenameMetadata'
  readonly upgradeType?: 'mixed-mode' | 'deprecate-only' | 'delete-only'
  readonly apexCompileType?: 'all' | 'package'
  readonly enableRss?: boolean
  readonly skipHandlers?: readonly string[]
}

export interface InstallInput extends OrgInput {
  readonly packages: readonly Wanted[]
  readonly publishWaitSeconds?: number
  readonly ifInstalled?: 'skip' | 'reinstall'
}

const wanted = {
  type: 'object',
  required: ['versionId'],
  additionalProperties: false,
  properties: {
    versionId: {
      type: 'string',
      pattern: '^04t[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$',
      description: 'of the version: 04t…',
    },
    installationKey: { enum: KEY_SECRETS, description: 'the secret of the request that holds its installation key' },
    securityType: { enum: ['None', 'Full', 'Custom'], description: 'who gets access: admins when left out (None)' },
    nameConflict: { enum: ['Block', 'RenameMetadata'] },
    upgradeType: { enum: ['mixed-mode', 'deprecate-only', 'delete-only'], description: 'of unlocked packages' },
    apexCompileType: { enum: ['all', 'package'], description: 'of unlocked packages' },
    enableRss: { type: 'boolean', description: 'remote sites and trusted URLs of the package are activated' },
    skipHandlers: { type: 'array', maxItems: 20, items: { type: 'string', minLength: 1, maxLength: 80 } },
  },
}

export const installProperties = {
  ...orgProperties,
  packages: {
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: wanted,
    description: 'in this order: what others depend on first',
  },
  publishWaitSeconds: {
    type: 'number',
    minimum: 0,
    maximum: 7_200,
    description: 'how long to wait for a version that is new to arrive where the org is; 0 when left out',
  },
  ifInstalled: {
    enum: ['skip', 'reinstall'],
    description: 'what to do about a version that is installed already; skip when left out',
  },
} as const

export interface Installed {
  readonly versionId: string
  /** "Name 1.2.0.4"; null when Salesforce tells none. */
  readonly name: string | null
  readonly outcome: 'installed' | 'skipped'
  /** 0Hf…; null of one that was skipped. */
  readonly requestId: string | null
  readonly seconds: number
}

export interface InstallResult {
  readonly org: string
  readonly packages: readonly Installed[]
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

export const installResultSchema = {
  type: 'object',
  required: ['org', 'packages', 'apiUsage'],
  additionalProperties: false,
  properties: {
    org: { type: 'string' },
    packages: {
      type: 'array',
      items: {
        type: 'object',
        required: ['versionId', 'name', 'outcome', 'requestId', 'seconds'],
        additionalProperties: false,
        properties: {
          versionId: { type: 'string' },
          name: { type: ['string', 'null'] },
          outcome: { enum: ['installed', 'skipped'], description: 'skipped: it was installed already' },
          requestId: { type: ['string', 'null'], description: 'of the PackageInstallRequest in the org: 0Hf…' },
          seconds: { type: 'integer', minimum: 0 },
        },
      },
    },
    apiUsage: apiUsageSchema,
  },
} as const
