/** What a backup says at its end, for programs and for people. */
import type { Context } from '../../context.ts'
import type { Manifest } from '../manifest.ts'

export interface BackupResult {
  readonly org: string
  readonly backup: string
  readonly mode: 'full' | 'incremental'
  readonly parent: string | null
  readonly from: string | null
  readonly to: string
  readonly status: 'completed' | 'completed with warnings'
  readonly objects: number
  readonly rows: number
  readonly files: number
  readonly metadataFiles: number
  readonly bytes: number
  readonly encrypted: boolean
  readonly warnings: readonly string[]
  readonly apiUsage: { readonly calls: number; readonly used: number | null; readonly limit: number | null }
}

const mostWarnings = 50

export function summaryOf(manifest: Manifest): Omit<BackupResult, 'apiUsage'> {
  const { org, id, mode, parent, from, to, objects, bodies, metadata, encryption, warnings } = manifest
  const entries = Object.values(objects)
  const all = Object.values(bodies)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  return {
    org,
    backup: id,
    mode,
    parent,
    from,
    to,
    status: warnings.length > 0 ? 'completed with warnings' : 'completed',
    objects: entries.length,
    rows: sum(entries.map(({ rows }) => rows)),
    files: sum(all.map(({ count }) => count)),
    metadataFiles: metadata?.files ?? 0,
    bytes: sum([
      ...entries.map(({ data }) => data.bytes),
      ...all.map(({ bytes }) => bytes),
      ...(metadata?.zips ?? []).map(({ bytes }) => bytes),
    ]),
    encrypted: encryption !== null,
    warnings: warnings.slice(0, mostWarnings),
  }
}

export function toResult(manifest: Manifest, apiUsage: BackupResult['apiUsage']): BackupResult {
  return { ...summaryOf(manifest), apiUsage }
}

/** The list of files and checksums for programs, a page for people. */
export async function publish(
  context: Pick<Context, 'artifact'>,
  result: BackupResult,
  manifest: Uint8Array,
): Promise<void> {
  await context.artifact('manifest.json', manifest, { contentType: 'application/json' })
  const lines = [
    `# Backup of org ${result.org}: ${result.status}`,
    '',
    `| | |`,
    `|---|---|`,
    `| backup | ${result.backup} |`,
    `| adds to | ${result.parent ?? 'nothing, it is full'} |`,
    `| changes | ${result.from ?? 'all'} to ${result.to} |`,
    `| objects, rows | ${result.objects}, ${result.rows} |`,
    `| files | ${result.files} |`,
    `| metadata | ${result.metadataFiles} files |`,
    `| size | ${result.bytes} bytes${result.encrypted ? ', encrypted' : ''} |`,
    '',
    ...result.warnings.map((one) => `- ${one}`),
  ]
  await context.artifact('summary.md', new TextEncoder().encode(`${lines.join('\n')}\n`), {
    contentType: 'text/markdown',
  })
}
