import type { BackupInput } from '../backup/make/input.ts'
import type { BackupResult } from '../backup/make/result.ts'
import type { Context } from '../context.ts'
import { apiUsageSchema, orgProperties, orgSecrets } from '../salesforce/input.ts'

const pattern = { type: 'string', minLength: 1, maxLength: 120, pattern: '^[A-Za-z*][A-Za-z0-9_*]*$' }
const patterns = { type: 'array', maxItems: 2_000, items: pattern }
const names = { type: 'array', minItems: 1, maxItems: 500, items: { type: 'string', pattern: '^[A-Za-z0-9]{1,80}$' } }
const count = { type: 'integer', minimum: 0 }

/** Backs up the rows, files and metadata of an org. Each step is kept as it is done; the manifest is written last. */
export default {
  kind: 'org.backup',
  title: 'Back up an org',
  pool: 'batch',
  directory: 'backups',
  secrets: { ...orgSecrets, encryption: { reference: 'vault:org/{org}/backup-key' } },
  concurrency: { key: 'org:{org}:backup' },
  limits: { runSeconds: 86_400, silenceSeconds: 1_800, memoryMiB: 1_024, workspaceMiB: 256 * 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 30, maxBackoffSeconds: 900 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      mode: { enum: ['full', 'incremental'], description: 'incremental: what changed since an earlier backup' },
      objects: {
        type: 'object',
        additionalProperties: false,
        description: 'all that hold data, where left out; "*" stands for any characters',
        properties: { include: { ...patterns, minItems: 1 }, exclude: patterns },
      },
      files: {
        type: 'object',
        additionalProperties: false,
        description: 'one API call each; all of them, where left out',
        properties: {
          contentVersions: { type: 'boolean' },
          attachments: { type: 'boolean' },
          documents: { type: 'boolean' },
          maxBytes: { type: 'integer', minimum: 0, description: 'larger files are left out' },
        },
      },
      metadata: {
        type: 'object',
        additionalProperties: false,
        description: 'none, where left out',
        properties: { types: { anyOf: [{ const: 'all' }, names] }, exclude: names },
      },
      since: { type: 'string', maxLength: 40, description: '"last", or a time: the newest backup by then is added to' },
      apiBudgetPct: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 100,
        description: "of the org's calls of a day; 50",
      },
      parallel: { type: 'integer', minimum: 1, maximum: 10, description: 'objects or files at once; 4' },
      format: { enum: ['csv', 'csv.gz'] },
      encrypt: { type: 'boolean', description: 'where left out: when org/<alias>/backup-key is stored' },
    },
  },
  result: {
    type: 'object',
    required: [
      'org',
      'backup',
      'mode',
      'parent',
      'from',
      'to',
      'status',
      'objects',
      'rows',
      'files',
      'metadataFiles',
      'bytes',
      'encrypted',
      'warnings',
      'apiUsage',
    ],
    additionalProperties: false,
    properties: {
      org: { type: 'string' },
      backup: { type: 'string', description: 'what restores call it' },
      mode: { enum: ['full', 'incremental'] },
      parent: { type: ['string', 'null'], description: 'the backup that it adds to' },
      from: { type: ['string', 'null'] },
      to: { type: 'string', description: 'changes up to here are in it, by the clock of the org' },
      status: { enum: ['completed', 'completed with warnings'] },
      objects: count,
      rows: count,
      files: count,
      metadataFiles: count,
      bytes: count,
      encrypted: { type: 'boolean' },
      warnings: { type: 'array', items: { type: 'string' } },
      apiUsage: apiUsageSchema,
    },
  },
  async run(context: Context<BackupInput>): Promise<BackupResult> {
    const { makeBackup } = await import('../backup/make/backup.ts')
    return makeBackup(context)
  },
  async cleanup(context: Context<BackupInput>): Promise<void> {
    const { stopBackup } = await import('../backup/make/backup.ts')
    await stopBackup(context)
  },
}
