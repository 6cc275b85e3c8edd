/** What env.prepare takes, and what it says. */
import type { JsonObject } from '../../src/task/json.ts'
import { deployProperties } from '../deploy/input.ts'
import { installProperties } from '../packages/input.ts'
import { alias, apiUsageSchema, type OrgInput, orgProperties } from '../salesforce/input.ts'
import type { Pool } from './pool.ts'

export interface ScratchWanted {
  /** As in config/project-scratch-def.json. */
  readonly definition: JsonObject
  readonly durationDays?: number
}

export interface SandboxWanted {
  readonly action: 'create' | 'refresh' | 'clone' | 'activate' | 'delete'
  readonly name: string
  readonly licenseType?: 'DEVELOPER' | 'DEVELOPER_PRO' | 'PARTIAL' | 'FULL'
  readonly sourceSandbox?: string
  readonly activationUserGroupId?: string
  readonly apexClassId?: string
  readonly description?: string
  readonly autoActivate?: boolean
}

/** Input of another kind, without the org, and where the secrets of its tasks are. */
export type ChildInput = JsonObject & { readonly secrets?: Readonly<Record<string, string>> }

export interface EnvInput extends OrgInput {
  /** Under which the login of the new org is stored. */
  readonly alias: string
  readonly scratch?: ScratchWanted
  readonly sandbox?: SandboxWanted
  readonly pool?: Pool
  readonly upload?: string
  readonly deploy?: ChildInput
  readonly installs?: ChildInput
  readonly permsets?: readonly string[]
  readonly data?: readonly ChildInput[]
  readonly apex?: readonly string[]
  readonly apexRepeatable?: boolean
  readonly onFailure?: 'delete' | 'keep'
  readonly suspendAfterSeconds?: number
}

const text = { type: 'string', minLength: 1, maxLength: 255 }
const id = { type: 'string', pattern: '^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$' }
const secrets = {
  type: 'object',
  maxProperties: 16,
  additionalProperties: { type: 'string', minLength: 1, maxLength: 200 },
  description: 'where the secrets of this step are, as in {"git": "vault:git/token"}',
}
const { org: _org, upload: _upload, ...deployed } = deployProperties
const { org: _other, ...installed } = installProperties

const scratch = {
  type: 'object',
  required: ['definition'],
  additionalProperties: false,
  description: 'makes a scratch org in the Dev Hub `org`',
  properties: {
    definition: {
      type: 'object',
      required: ['edition'],
      maxProperties: 100,
      description: 'as in config/project-scratch-def.json: edition, features, settings, …',
    },
    durationDays: { type: 'integer', minimum: 1, maximum: 30, description: '7 when left out' },
  },
}

const sandbox = {
  type: 'object',
  required: ['action', 'name'],
  additionalProperties: false,
  description: 'of the production org `org`',
  properties: {
    action: { enum: ['create', 'refresh', 'clone', 'activate', 'delete'] },
    name: { type: 'string', pattern: '^[A-Za-z0-9]{1,10}$' },
    licenseType: { enum: ['DEVELOPER', 'DEVELOPER_PRO', 'PARTIAL', 'FULL'] },
    sourceSandbox: { type: 'string', pattern: '^[A-Za-z0-9]{1,10}$', description: 'the sandbox to clone' },
    activationUserGroupId: { ...id, description: 'the group of users who may come in; DEVELOPER needs one' },
    apexClassId: { ...id, description: 'of a class that runs after each copy' },
    description: { ...text, maxLength: 1_000 },
    autoActivate: { type: 'boolean', description: 'true when left out: a refresh takes the place of the old one' },
  },
}

export const envProperties = {
  ...orgProperties,
  alias: { ...alias, description: 'of the new org: its login and its session are stored under it' },
  scratch,
  sandbox,
  pool: {
    type: 'object',
    required: ['tag'],
    additionalProperties: false,
    properties: { tag: { ...text, maxLength: 80 } },
    description:
      'of a scratch org: Pooltag__c of its ScratchOrgInfo, and Allocation_status__c, which is Available once all is done',
  },
  installs: {
    type: 'object',
    required: ['packages'],
    additionalProperties: false,
    properties: { ...installed, secrets },
    description: 'packages, as package.install takes them',
  },
  upload: { ...deployProperties.upload, description: 'the id of an upload: what is deployed' },
  deploy: {
    type: 'object',
    additionalProperties: false,
    properties: { ...deployed, secrets },
    description: 'how `upload`, or its own `git`, is deployed, as deploy.run takes it',
  },
  permsets: { type: 'array', maxItems: 100, items: text, description: 'permission sets for the user who logs in' },
  data: {
    type: 'array',
    maxItems: 100,
    items: { type: 'object', required: ['object', 'operation', 'upload'], maxProperties: 20 },
    description: 'one after the other, as bulk.ingest takes them',
  },
  apex: {
    type: 'array',
    maxItems: 20,
    items: { type: 'string', minLength: 1, maxLength: 8_000 },
    description: 'scripts that are executed at last',
  },
  apexRepeatable: {
    type: 'boolean',
    description: 'a script of which nobody knows whether it ran is run again; otherwise the task fails',
  },
  onFailure: {
    enum: ['delete', 'keep'],
    description: 'what happens to the org when the task fails or is cancelled; when left out scratch orgs are deleted',
  },
  suspendAfterSeconds: {
    type: 'number',
    minimum: 0,
    maximum: 3_600,
    description: 'a wait that takes longer holds no process; 30 for scratch orgs, 0 for sandboxes',
  },
} as const

export interface StepDone {
  readonly name: string
  readonly seconds: number
  /** Of the task that did it; null where it needed none. */
  readonly task: string | null
}

export interface EnvResult {
  readonly org: string
  readonly alias: string
  readonly state: 'ready' | 'pending activation' | 'deleted'
  readonly orgId: string | null
  readonly username: string | null
  readonly loginUrl: string | null
  readonly expires: string | null
  readonly steps: readonly StepDone[]
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

const nullable = { type: ['string', 'null'] }
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
})

export const envResultSchema = object({
  org: { type: 'string' },
  alias: { type: 'string', description: 'under which other kinds find the org' },
  state: { enum: ['ready', 'pending activation', 'deleted'] },
  orgId: nullable,
  username: nullable,
  loginUrl: nullable,
  expires: { ...nullable, description: 'a day, of scratch orgs' },
  steps: {
    type: 'array',
    items: object({
      name: { type: 'string' },
      seconds: { type: 'integer', minimum: 0 },
      task: { ...nullable, description: 'that did it; null where it needed none' },
    }),
  },
  apiUsage: apiUsageSchema,
})
