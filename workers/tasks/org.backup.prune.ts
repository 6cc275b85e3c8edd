import type { PruneInput, PruneResult } from '../backup/prune.ts'
import type { Context } from '../context.ts'
import { alias } from '../salesforce/input.ts'

const keep = (description: string) => ({ type: 'integer', minimum: 0, maximum: 1_000, description })
const ids = { type: 'array', items: { type: 'string' } }

/** Removes backups of an org that the policy does not keep; never one that a kept one builds on. */
export default {
  kind: 'org.backup.prune',
  title: 'Remove old backups of an org',
  pool: 'batch',
  directory: 'backups',
  secrets: {},
  // Not while a backup is made, which adds to one of them.
  concurrency: { key: 'org:{org}:backup' },
  limits: { runSeconds: 86_400, silenceSeconds: 1_800, memoryMiB: 512 },
  input: {
    type: 'object',
    required: ['org'],
    additionalProperties: false,
    properties: {
      org: alias,
      retention: {
        type: 'object',
        additionalProperties: false,
        properties: {
          keepDaily: keep('days of which the newest is kept; 7'),
          keepWeekly: keep('weeks; 4'),
          keepMonthly: keep('months; 12'),
          minFull: keep('full ones that are kept whatever their age; 1'),
        },
      },
      dryRun: { type: 'boolean', description: 'says what would go, and removes nothing' },
    },
  },
  result: {
    type: 'object',
    required: ['org', 'dryRun', 'kept', 'pruned', 'leftovers', 'freedBytes'],
    additionalProperties: false,
    properties: {
      org: { type: 'string' },
      dryRun: { type: 'boolean' },
      kept: {
        type: 'array',
        items: {
          type: 'object',
          required: ['backup', 'why'],
          additionalProperties: false,
          properties: { backup: { type: 'string' }, why: ids },
        },
      },
      pruned: ids,
      leftovers: { ...ids, description: 'never finished, and not touched for a week: removed, too' },
      freedBytes: { type: 'integer', minimum: 0 },
    },
  },
  async run(context: Context<PruneInput>): Promise<PruneResult> {
    const { prune } = await import('../backup/prune.ts')
    return prune(context)
  },
}
