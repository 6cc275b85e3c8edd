import type { RestoreInput } from '../backup/restore/input.ts'
import type { RestoreResult } from '../backup/restore/result.ts'
import { restoreProperties, restoreResult } from '../backup/restore/schema.ts'
import type { Context } from '../context.ts'
import { orgProperties, orgSecrets } from '../salesforce/input.ts'

/** Restores rows and files of a backup to the org that it is of: what is there is set back, what is gone is made anew. */
export default {
  kind: 'org.restore',
  title: 'Restore an org',
  pool: 'batch',
  directory: 'backups',
  secrets: { ...orgSecrets, encryption: { reference: 'vault:org/{org}/backup-key' } },
  concurrency: { key: 'org:{org}:restore' },
  limits: { runSeconds: 86_400, silenceSeconds: 1_800, memoryMiB: 512, workspaceMiB: 16 * 1024 },
  retry: { maxAttempts: 5, backoffSeconds: 30, maxBackoffSeconds: 900 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: { ...orgProperties, ...restoreProperties },
  },
  result: restoreResult,
  async run(context: Context<RestoreInput>): Promise<RestoreResult> {
    const { restore } = await import('../backup/restore/restore.ts')
    return restore(context)
  },
  async cleanup(context: Context<RestoreInput>): Promise<void> {
    const { accountFor } = await import('../backup/restore/cleanup.ts')
    await accountFor(context)
  },
}
