import type { ListInput, ListResult } from '../backup/list.ts'
import { backupIdPattern } from '../backup/names.ts'
import type { Context } from '../context.ts'
import { alias } from '../salesforce/input.ts'

const count = { type: 'integer', minimum: 0 }
const text = { type: 'string' }
const textOrNull = { type: ['string', 'null'] }

/** Says which backups there are; with `verify` it reads all of them, and fails when one is not as it was written. */
export default {
  kind: 'org.backup.list',
  title: 'List and verify backups',
  pool: 'normal',
  directory: 'backups',
  secrets: {},
  limits: { runSeconds: 86_400, silenceSeconds: 1_800, memoryMiB: 512 },
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      org: { ...alias, description: 'the alias of an org; all, where left out' },
      backup: { type: 'string', pattern: backupIdPattern },
      verify: { type: 'boolean', description: 'compares every file with its checksum' },
    },
  },
  result: {
    type: 'object',
    required: ['backups', 'incomplete'],
    additionalProperties: false,
    properties: {
      backups: {
        type: 'array',
        description: 'the newest first',
        items: {
          type: 'object',
          required: ['org', 'backup', 'mode', 'parent', 'to', 'status', 'rows', 'trouble', 'verified'],
          properties: {
            org: text,
            backup: { type: 'string', description: 'what restores call it' },
            mode: { enum: ['full', 'incremental'] },
            parent: textOrNull,
            from: textOrNull,
            to: text,
            status: text,
            objects: count,
            rows: count,
            files: count,
            metadataFiles: count,
            bytes: count,
            encrypted: { type: 'boolean' },
            warnings: count,
            trouble: { type: ['string', 'null'], description: 'why it cannot be restored' },
            verified: { type: 'boolean' },
          },
        },
      },
      incomplete: {
        type: 'array',
        description: 'being made, or left behind without a manifest',
        items: {
          type: 'object',
          required: ['org', 'backup'],
          additionalProperties: false,
          properties: { org: text, backup: text },
        },
      },
    },
  },
  async run(context: Context<ListInput>): Promise<ListResult> {
    const { listBackups } = await import('../backup/list.ts')
    return listBackups(context)
  },
}
