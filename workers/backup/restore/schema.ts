/** What both kinds of restores take and give. */
import { apiUsageSchema } from '../../salesforce/input.ts'
import { backupIdPattern } from '../names.ts'

const count = { type: 'integer', minimum: 0 }
const pattern = { type: 'string', minLength: 1, maxLength: 120, pattern: '^[A-Za-z*][A-Za-z0-9_*]*$' }
const patterns = { type: 'array', maxItems: 2_000, items: pattern }
const username = { type: 'string', minLength: 1, maxLength: 255 }

export const restoreProperties = {
  backup: {
    type: 'string',
    pattern: backupIdPattern,
    description: 'as its result names it; the newest where left out',
  },
  objects: {
    type: 'object',
    additionalProperties: false,
    description: 'all that hold data, where left out; "*" stands for any characters',
    properties: { include: { ...patterns, minItems: 1 }, exclude: patterns },
  },
  ids: {
    type: 'array',
    minItems: 1,
    maxItems: 10_000,
    items: { type: 'string', pattern: '^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$' },
    description: 'these rows alone, as they were called in the backup',
  },
  mode: {
    enum: ['upsert', 'insertMissing', 'updateOnly', 'undelete'],
    description: 'upsert, where left out: rows that are there are set back, the others come back',
  },
  ownerMap: {
    type: 'object',
    maxProperties: 10_000,
    propertyNames: { maxLength: 255 },
    additionalProperties: username,
    description:
      'owner in the backup → owner in the target, where they are not the same: usernames, and of queues their API names',
  },
  files: { type: 'boolean', description: 'true, where left out' },
  dryRun: { type: 'boolean', description: 'makes the plan, and changes nothing' },
  allowProduction: { type: 'boolean', description: 'a target that is no sandbox is refused without it' },
  onError: { enum: ['continue', 'stop'], description: 'of single rows; continue, where left out' },
  maxErrors: { ...count, description: 'rows that may fail before it stops; 1000' },
  failOn: {
    enum: ['any', 'all', 'never'],
    description: 'failed rows with which the task fails when it is through; any, where left out',
  },
  batchSize: { type: 'integer', minimum: 1, maximum: 200, description: 'rows in a call; 200' },
  skipDuplicateRules: { type: 'boolean', description: 'true, where left out: they warn, and do not refuse' },
  bypassPermissionSet: {
    type: 'string',
    pattern: '^[A-Za-z][A-Za-z0-9_]{0,95}$',
    description:
      'the API name of a permission set that is assigned to the user while rows are restored, and taken back',
  },
  bypassCustomSetting: {
    type: 'object',
    required: ['object', 'fields'],
    additionalProperties: false,
    description: 'a hierarchical custom setting whose row for the user says this while rows are restored',
    properties: {
      object: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,76}__c$' },
      fields: {
        type: 'object',
        minProperties: 1,
        maxProperties: 100,
        propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_]{0,79}$' },
        additionalProperties: { type: ['boolean', 'number', 'string'] },
      },
    },
  },
  settleSeconds: {
    type: 'number',
    minimum: 0,
    maximum: 600,
    description: 'how long a request whose answer was lost may still be at work in the org; 15',
  },
} as const

export const restoreResult = {
  type: 'object',
  required: [
    ...['backup', 'from', 'org', 'dryRun', 'status', 'objects', 'inserted', 'updated', 'undeleted', 'skipped'],
    ...['failed', 'lost', 'files', 'apiUsage'],
  ],
  additionalProperties: false,
  properties: {
    backup: { type: 'string' },
    from: { type: 'string', description: 'the org that the backup is of' },
    org: { type: 'string', description: 'the org that it went to' },
    dryRun: { type: 'boolean' },
    status: { enum: ['planned', 'completed', 'completed with failures'] },
    objects: count,
    inserted: {
      ...count,
      description: 'made anew: the artifact created.csv lists them, id-map.csv their old and new ids',
    },
    updated: count,
    undeleted: { ...count, description: 'taken out of the recycle bin' },
    skipped: { ...count, description: 'left as they were' },
    failed: { ...count, description: 'the artifact failed.csv says which and why' },
    lost: { ...count, description: 'lookups and owners with nothing to refer to in the target' },
    files: count,
    apiUsage: apiUsageSchema,
  },
} as const
