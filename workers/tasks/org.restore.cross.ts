import type { CrossInput } from '../backup/restore/input.ts'
import type { RestoreResult } from '../backup/restore/result.ts'
import { restoreProperties, restoreResult } from '../backup/restore/schema.ts'
import type { Context } from '../context.ts'
import { alias, orgProperties, orgSecrets } from '../salesforce/input.ts'

const fieldName = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_]{0,79}$' }

/** Restores rows and files of one org's backup into another org, where all of them get new ids. */
export default {
  kind: 'org.restore.cross',
  title: 'Restore into another org',
  pool: 'batch',
  directory: 'backups',
  secrets: { ...orgSecrets, encryption: { reference: 'vault:org/{from}/backup-key' } },
  concurrency: { key: 'org:{org}:restore' },
  limits: { runSeconds: 86_400, silenceSeconds: 1_800, memoryMiB: 512, workspaceMiB: 16 * 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 30, maxBackoffSeconds: 900 },
  input: {
    type: 'object',
    required: ['org', 'from'],
    additionalProperties: false,
    properties: {
      ...orgProperties,
      ...restoreProperties,
      from: { ...alias, description: 'the alias of the org that the backup is of; org is where it goes' },
      matchBy: {
        type: 'object',
        maxProperties: 500,
        propertyNames: { pattern: '^[A-Za-z][A-Za-z0-9_]{0,79}$' },
        additionalProperties: fieldName,
        description:
          'object → field by which rows that are there already are known, Id in a copy of the org: they are changed instead of made',
      },
    },
  },
  result: restoreResult,
  async run(context: Context<CrossInput>): Promise<RestoreResult> {
    const { restore } = await import('../backup/restore/restore.ts')
    return restore(context)
  },
  async cleanup(context: Context<CrossInput>): Promise<void> {
    const { accountFor } = await import('../backup/restore/cleanup.ts')
    await accountFor(context)
  },
}
