/** What a restore says: its plan before, what came of it after, for programs and for people. */
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import type { Org } from '../../salesforce/org.ts'
import { wordsOf } from './bypass.ts'
import type { Counts, RestoreInput } from './input.ts'
import type { RestorePlan } from './plan.ts'
import type { Logs } from './work.ts'

export interface RestoreResult extends Counts {
  readonly backup: string
  readonly from: string
  readonly org: string
  readonly dryRun: boolean
  readonly status: 'planned' | 'completed' | 'completed with failures'
  readonly objects: number
  readonly apiUsage: Org['apiUsage']
}

export async function publishPlan({ artifact }: Pick<Context, 'artifact'>, plan: RestorePlan): Promise<void> {
  await artifact('plan.json', encode(JSON.stringify(plan, null, 1)), { contentType: 'application/json' })
  await artifact('plan.md', encode(pageOf(plan)), { contentType: 'text/markdown' })
}

/** Every object has them, and no org lets them be set unless it was asked to. */
const stamps = new Set(['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById', 'SystemModstamp'])

function pageOf({ backup, from, target, objects, files, left, apiCalls, bypass }: RestorePlan): string {
  const dropped = objects.flatMap(({ object, dropped }) =>
    dropped.filter(({ field }) => !stamps.has(field)).map(({ field, why }) => `- ${object}.${field}: ${why}`),
  )
  const lines = [
    `# Restore of backup ${backup} of org ${from} to org ${target}`,
    '',
    `About ${apiCalls} API calls. Objects in this order:`,
    '',
    '| object | rows | fields | second pass | known by |',
    '|---|---|---|---|---|',
    ...objects.map(
      (one) =>
        `| ${one.object} | ${one.rows} | ${one.creates.length} | ${one.later.join(', ')} | ${one.matchBy ?? ''} |`,
    ),
    '',
    files.length > 0 ? `Then the files of ${files.join(', ')}.` : 'No files.',
    ...(bypass.permissionSet || bypass.setting ? ['', `Meanwhile ${wordsOf(bypass)} for the user who restores.`] : []),
    ...section(
      'Objects that are left out',
      left.map(({ object, why }) => `- ${object}: ${why}`),
    ),
    ...section('Fields that are left out', dropped),
  ]
  return `${lines.join('\n')}\n`
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? ['', `## ${title}`, '', ...lines] : []
}

/** Whatever came of it: who undoes it needs to know what was made. */
export async function publishLogs({ artifact, kept }: Pick<Context, 'artifact' | 'kept'>, logs: Logs): Promise<void> {
  await artifact('created.csv', join(kept, 'created.csv'), { contentType: 'text/csv' })
  await artifact('failed.csv', join(kept, 'failed.csv'), { contentType: 'text/csv' })
  if (logs.ids.bytes > 0) await artifact('id-map.csv', join(kept, 'id-map.csv'), { contentType: 'text/csv' })
}

export function toResult(plan: RestorePlan, counts: Counts, dryRun: boolean, apiUsage: Org['apiUsage']): RestoreResult {
  const { backup, from, target: org, objects } = plan
  const status = dryRun ? 'planned' : counts.failed > 0 ? 'completed with failures' : 'completed'
  return { backup, from, org, dryRun, status, objects: objects.length, ...counts, apiUsage }
}

/** Beside the result, which a task that fails does not have. */
export async function publishResult({ artifact }: Pick<Context, 'artifact'>, result: RestoreResult): Promise<void> {
  await artifact('restore.json', encode(JSON.stringify(result, null, 1)), { contentType: 'application/json' })
}

/** The code with which a restore fails that came to its end; null when it has succeeded. */
export function failureOf(
  { failed, inserted, updated, undeleted, skipped, files }: Counts,
  failOn: RestoreInput['failOn'] = 'any',
): 'NOTHING_RESTORED' | 'ROWS_FAILED' | null {
  if (failOn === 'never' || failed === 0) return null
  if (inserted + updated + undeleted + skipped + files === 0) return 'NOTHING_RESTORED'
  return failOn === 'any' ? 'ROWS_FAILED' : null
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
